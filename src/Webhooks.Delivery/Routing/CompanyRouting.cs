using System.Collections.Frozen;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Routing;

/// <summary>One company's webhooks as of a routing version. Immutable; a change makes a new one.</summary>
public sealed class CompanyRouting
{
    private readonly FrozenDictionary<WebhookId, RoutedWebhook> _byId;
    private readonly FrozenDictionary<string, RoutedWebhook[]> _byType;
    private readonly RoutedWebhook[] _all;

    public CompanyRouting(CompanyId company, long version, IReadOnlyCollection<RoutedWebhook> webhooks)
    {
        (Company, Version) = (company, version);
        _byId = webhooks.ToFrozenDictionary(w => w.Id);
        _all = [.. webhooks.Where(w => w.Configuration.EventTypes.Count == 0)];
        _byType = webhooks
            .SelectMany(w => w.Configuration.EventTypes.Distinct().Select(type => (type, w)))
            .GroupBy(p => p.type)
            .ToFrozenDictionary(g => g.Key, g => g.Select(p => p.w).Concat(_all).ToArray());
    }

    public CompanyId Company { get; }
    public long Version { get; }

    /// <summary>Null when the webhook is deleted or was never this company's.</summary>
    public RoutedWebhook? Find(WebhookId id) => _byId.GetValueOrDefault(id);

    /// <summary>Who gets an event of this type: those that name it and those that take all. Disabled ones match too; their deliveries are parked.</summary>
    public RoutedWebhook[] Match(string type) => _byType.TryGetValue(type, out var named) ? named : _all;

    /// <summary>Webhooks that were disabled in an earlier picture and are active in this one.</summary>
    public IEnumerable<WebhookId> EnabledSince(CompanyRouting? earlier) => earlier is null ? [] : earlier._byId.Values
        .Where(w => w.Status == WebhookStatus.Disabled && Find(w.Id)?.Status == WebhookStatus.Active)
        .Select(w => w.Id);
}
