using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.Domain.Messages;

namespace Webhooks.Delivery.Recording;

/// <summary>Gives numbers to the deliveries of a batch, in its transaction: what is rolled back leaves no gap.</summary>
internal static class Sequences
{
    // In the order of ids, as every node does, so that two batches wait for one another at most once.
    private const string Draw = """
        insert into delivery.sequences (webhook_id, last)
        select w, n from unnest($1, $2) as drawn (w, n) order by w
        on conflict (webhook_id) do update set last = sequences.last + excluded.last
        returning webhook_id, last
        """;

    public static bool AreNeeded(List<PendingAppend> members) => members.Exists(static m => m.Numbered.Count > 0);

    public static async Task Assign(NpgsqlConnection connection, List<PendingAppend> members)
    {
        var counts = members.SelectMany(m => m.Numbered).GroupBy(w => w.Value).ToDictionary(g => g.Key, g => g.LongCount());
        var next = await DrawNumbers(connection, counts);
        foreach (var member in members.Where(m => m.Numbered.Count > 0))
        {
            var webhooks = member.Numbered.ToHashSet();
            var numbers = new Dictionary<DeliveryId, long>();
            foreach (var row in member.Enqueue.Where(r => webhooks.Contains(r.Webhook)))
            {
                numbers.Add(row.Delivery, next[row.Webhook.Value]++);
            }

            Number(member, numbers);
        }
    }

    /// <summary>Gives a member the numbers that it has in the log, where a commit was made whose answer was lost: those drawn since are others'.</summary>
    public static void Adopt(PendingAppend member, IEnumerable<Fact> stored)
    {
        var planned = stored.SelectMany(static f => f switch
        {
            EventEmitted emitted => emitted.Deliveries,
            EventFannedOut more => more.Deliveries,
            _ => default,
        });
        Number(member, planned.Where(p => p.Sequence is not null).ToDictionary(p => p.Delivery, p => p.Sequence!.Value));
    }

    private static void Number(PendingAppend member, Dictionary<DeliveryId, long> numbers)
    {
        member.Facts = [.. member.Facts.Select(f => f.Fact is MessageFact fact ? f with { Fact = Message.Number(fact, numbers) } : f)];
        member.Enqueue = [.. member.Enqueue.Select(r => numbers.TryGetValue(r.Delivery, out var number) ? r with { Sequence = number } : r)];
    }

    /// <returns>The first number for each webhook.</returns>
    private static async Task<Dictionary<Guid, long>> DrawNumbers(NpgsqlConnection connection, Dictionary<Guid, long> counts)
    {
        await using var command = new NpgsqlCommand(Draw, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. counts.Keys], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. counts.Values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        var first = new Dictionary<Guid, long>();
        while (await reader.ReadAsync())
        {
            first.Add(reader.GetGuid(0), reader.GetInt64(1) - counts[reader.GetGuid(0)] + 1);
        }

        return first;
    }
}
