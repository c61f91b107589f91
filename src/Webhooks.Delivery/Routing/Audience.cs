using Webhooks.Domain;
using Webhooks.Domain.Payloads;

namespace Webhooks.Delivery.Routing;

/// <summary>The webhooks that take one event type, by the channels that they ask for.</summary>
internal sealed class Audience
{
    private readonly RoutedWebhook[] _open;
    private readonly Dictionary<string, RoutedWebhook[]>? _byChannel;
    private readonly bool _hasFilters;

    public Audience(IReadOnlyCollection<RoutedWebhook> webhooks)
    {
        Count = webhooks.Count;
        _open = [.. webhooks.Where(w => w.Configuration.Channels.Count == 0)];
        _byChannel = _open.Length == Count ? null : webhooks
            .SelectMany(w => w.Configuration.Channels.Select(channel => (channel, w)))
            .GroupBy(p => p.channel, p => p.w)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        _hasFilters = webhooks.Any(w => w.Filter is not null);
    }

    public int Count { get; }

    public RoutedWebhook[] Match(EquatableArray<string> channels, ReadOnlyMemory<byte> payload)
    {
        var found = Candidates(channels);
        return _hasFilters && Array.Exists(found, w => w.Filter is not null) ? Filtered(found, payload) : found;
    }

    /// <summary>Before filters are asked.</summary>
    public RoutedWebhook[] Candidates(EquatableArray<string> channels) => _byChannel is null || channels.Count == 0 ? _open : On(channels, _byChannel);

    private RoutedWebhook[] On(EquatableArray<string> channels, Dictionary<string, RoutedWebhook[]> byChannel)
    {
        List<RoutedWebhook>? listening = null;
        foreach (var channel in channels)
        {
            if (byChannel.TryGetValue(channel, out var some))
            {
                (listening ??= []).AddRange(some);
            }
        }

        // A webhook may listen to several of them.
        return listening is null ? _open : [.. _open, .. channels.Count == 1 ? listening : listening.Distinct()];
    }

    /// <summary>The payload is read once for all filters, and only where there is one to ask.</summary>
    private static RoutedWebhook[] Filtered(RoutedWebhook[] candidates, ReadOnlyMemory<byte> payload)
    {
        using var json = JsonIndex.Of(payload);
        var wanted = new List<RoutedWebhook>();
        foreach (var webhook in candidates)
        {
            if (webhook.Filter is null || webhook.Filter.Matches(json))
            {
                wanted.Add(webhook);
            }
        }

        return wanted.Count == candidates.Length ? candidates : [.. wanted];
    }
}
