using System.Collections.Concurrent;
using System.Collections.Frozen;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;

namespace Webhooks.Delivery.Routing;

/// <summary>One company's webhooks as of a routing version. Immutable but for what it remembers; a change makes a new one.</summary>
public sealed class CompanyRouting
{
    /// <summary>Bounds what types that are made up without end can cost; looking one up again costs only what matches.</summary>
    private const int MaxRememberedTypes = 4096;
    private const int MaxRememberedWebhooks = 1_000_000;

    private readonly FrozenDictionary<WebhookId, RoutedWebhook> _byId;
    private readonly FrozenDictionary<string, RoutedWebhook[]> _byType;
    private readonly PatternTree _byPattern = new();
    private readonly RoutedWebhook[] _all;
    private readonly Audience _everyone;
    private readonly ConcurrentDictionary<string, Audience>? _audiences;
    private int _rememberedTypes;
    private int _rememberedWebhooks;

    public CompanyRouting(CompanyId company, long version, IReadOnlyCollection<RoutedWebhook> webhooks)
    {
        (Company, Version) = (company, version);
        _byId = webhooks.ToFrozenDictionary(w => w.Id);
        var taking = webhooks.Where(w => !w.IsOff).ToList();
        _all = [.. taking.Where(w => w.Configuration.EventTypes.Count == 0)];
        _everyone = new Audience(_all);
        var named = taking.SelectMany(w => w.Configuration.EventTypes.Distinct().Select(type => (type, w))).ToLookup(p => EventTypePattern.IsPattern(p.type));
        _byType = named[false].GroupBy(p => p.type).ToFrozenDictionary(g => g.Key, g => g.Select(p => p.w).ToArray());
        _audiences = named.Count == 0 ? null : new(StringComparer.Ordinal);
        foreach (var (pattern, webhook) in named[true])
        {
            _byPattern.Add(pattern, webhook);
        }
    }

    public CompanyId Company { get; }
    public long Version { get; }

    /// <summary>For webhooks without a policy of their own; null: the installation's.</summary>
    public RetryPolicy? DefaultRetryPolicy { get; init; }

    /// <summary>Starts for each start of a company of weight 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Null when the webhook is deleted or was never this company's.</summary>
    public RoutedWebhook? Find(WebhookId id) => _byId.GetValueOrDefault(id);

    /// <summary>Who gets an event: those that take its type, one of its channels and its payload. Disabled ones match too, and their deliveries are parked; those that are off don't.</summary>
    /// <param name="payload">One JSON text; read only where a filter asks about it.</param>
    public RoutedWebhook[] Match(string type, EquatableArray<string> channels, ReadOnlyMemory<byte> payload) =>
        AudienceOf(type).Match(channels, payload);

    /// <summary>Who would get an event of some payload: those that take its type and one of its channels. Filters are not asked.</summary>
    public RoutedWebhook[] Candidates(string type, EquatableArray<string> channels) => AudienceOf(type).Candidates(channels);

    private Audience AudienceOf(string type) =>
        _audiences is null ? _everyone : _audiences.TryGetValue(type, out var audience) ? audience : AudienceOf(type, _audiences);

    /// <summary>Webhooks that name this type itself, and not only a pattern that takes it.</summary>
    public IReadOnlyList<RoutedWebhook> Naming(string type) => _byType.GetValueOrDefault(type, []);

    private Audience AudienceOf(string type, ConcurrentDictionary<string, Audience> remembered)
    {
        var found = new List<RoutedWebhook>(_byType.GetValueOrDefault(type, []));
        _byPattern.Match(type, found);
        if (found.Count == 0)
        {
            return _everyone;
        }

        // A webhook may name a type and patterns that take it.
        var audience = new Audience([.. found.Concat(_all).Distinct()]);
        if (Interlocked.Increment(ref _rememberedTypes) <= MaxRememberedTypes && Interlocked.Add(ref _rememberedWebhooks, audience.Count) <= MaxRememberedWebhooks)
        {
            remembered.TryAdd(type, audience);
        }

        return audience;
    }

    /// <summary>Webhooks that took nothing in an earlier picture, disabled or paused, and take deliveries in this one.</summary>
    public IEnumerable<WebhookId> BackSince(CompanyRouting? earlier) => earlier is null ? [] : earlier._byId.Values
        .Where(w => !w.TakesDeliveries && Find(w.Id) is { TakesDeliveries: true })
        .Select(w => w.Id);

    /// <summary>Webhooks of an earlier picture that were deleted since.</summary>
    public IEnumerable<WebhookId> GoneSince(CompanyRouting? earlier) => earlier is null ? [] : earlier._byId.Keys.Where(id => Find(id) is null);
}
