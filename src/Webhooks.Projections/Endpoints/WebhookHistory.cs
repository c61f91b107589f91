using System.Text.Json.Nodes;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Projections.Endpoints;

/// <summary>One fact of a webhook, told as what it changed.</summary>
/// <param name="Actor">The API key that asked for it; null: the service itself.</param>
/// <param name="Fact">The durable name.</param>
public sealed record HistoryEntry(int Version, DateTimeOffset At, ApiKeyId? Actor, string Fact, IReadOnlyList<Change> Changes);

/// <param name="Field">As the wire spells it; <c>headers.X-Name</c>, <c>signing_keys.sgk_…</c> for parts of a list.</param>
/// <param name="Old">Null: was not there.</param>
/// <param name="New">Null: is not there any more.</param>
public sealed record Change(string Field, JsonNode? Old, JsonNode? New);

/// <summary>The audit of one webhook, from its stream. Secrets and values of headers are left out; that they changed is not.</summary>
public sealed class WebhookHistory(PostgresEventStore store)
{
    /// <param name="after">The last version seen; 0 from the start.</param>
    /// <param name="pageSize">From 1.</param>
    /// <returns>No items and no next page where there is no such webhook.</returns>
    public async Task<Page<HistoryEntry, int>> Page(WebhookId id, int after, int pageSize, CancellationToken ct)
    {
        var facts = await store.ReadStream(id.Value, 1, (int)Math.Min(int.MaxValue, (long)after + pageSize + 1), ct);
        var entries = Entries(facts).Where(e => e.Version > after).Take(pageSize).ToList();
        return new(entries, facts.Count > after + pageSize ? after + pageSize : null, null);
    }

    internal static IEnumerable<HistoryEntry> Entries(IEnumerable<StoredFact> facts)
    {
        var (state, before) = (Webhook.Unknown, WebhookFields.Of(Webhook.Unknown));
        foreach (var stored in facts)
        {
            state = Webhook.Evolve(state, (WebhookFact)stored.Fact);
            var now = WebhookFields.Of(state);
            yield return new HistoryEntry(stored.Version, stored.RecordedAt, stored.Actor, stored.Type, Difference(before, now));
            before = now;
        }
    }

    private static List<Change> Difference(IReadOnlyList<WebhookField> before, IReadOnlyList<WebhookField> now)
    {
        var changes = new List<Change>();
        foreach (var field in now)
        {
            var old = before.FirstOrDefault(f => f.Name == field.Name);
            if (old is null)
            {
                changes.Add(new Change(field.Name, null, field.Shown?.DeepClone()));
            }
            else if (!JsonNode.DeepEquals(old.Shown, field.Shown) || old.Hidden != field.Hidden)
            {
                changes.Add(new Change(field.Name, old.Shown?.DeepClone(), WithHint(field, old.Hidden != field.Hidden)));
            }
        }

        changes.AddRange(before.Where(f => now.All(n => n.Name != f.Name)).Select(f => new Change(f.Name, f.Shown?.DeepClone(), null)));
        return changes;
    }

    /// <summary>Of a value that is not shown, that it is another one now.</summary>
    private static JsonNode? WithHint(WebhookField field, bool hiddenChanged)
    {
        var shown = field.Shown?.DeepClone();
        if (hiddenChanged && shown is JsonObject o)
        {
            o["value_changed"] = true;
        }

        return shown;
    }
}
