using System.Collections.Frozen;

namespace Webhooks.Domain.Deliveries;

/// <summary>
/// A request's headers as a queue's message carries them: in lower case, since attributes are told apart by case, and
/// without those that mean nothing to a queue. The sender and the audit both ask here.
/// </summary>
public static class MessageAttributes
{
    /// <summary>What Amazon carries with one message.</summary>
    public const int MaxAws = 10;

    private static readonly FrozenSet<string> OfHttp = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "User-Agent", "Authorization");

    /// <summary>Given up first to last where there are too many: a receiver can do without each of them.</summary>
    private static readonly string[] Dispensable =
        ["traceparent", "x-hub-signature", "x-shopify-name", "content-type", RequestHeaders.DeliveryId, RequestHeaders.Attempt, RequestHeaders.Sequence, RequestHeaders.EventType];

    /// <param name="header">Its name, in any case.</param>
    public static bool CanBeLeftOut(string header) => Dispensable.Contains(header, StringComparer.OrdinalIgnoreCase);

    public static List<Header> Of(IReadOnlyList<Header> headers)
    {
        var attributes = new List<Header>(headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            if (!OfHttp.Contains(headers[i].Name))
            {
                attributes.Add(new Header(headers[i].Name.ToLowerInvariant(), headers[i].Value));
            }
        }

        return attributes;
    }

    /// <returns>At most <see cref="MaxAws"/>; null where there are more that can't be done without.</returns>
    public static List<Header>? OfAws(IReadOnlyList<Header> headers)
    {
        var attributes = Of(headers);
        foreach (var name in Dispensable)
        {
            if (attributes.Count <= MaxAws)
            {
                break;
            }

            attributes.RemoveAll(a => a.Name == name);
        }

        return attributes.Count <= MaxAws ? attributes : null;
    }
}
