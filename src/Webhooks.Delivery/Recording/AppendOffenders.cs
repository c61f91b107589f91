using Npgsql;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;

namespace Webhooks.Delivery.Recording;

/// <summary>Finds out who in a failed group commit is at fault, by asking the database, and lets only those go with their error.</summary>
internal sealed class AppendOffenders(NpgsqlDataSource dataSource)
{
    private const string RoutingMoved = "WH001";
    private const string FactsOfStreams = "select stream_id, version, data, type from es.events where stream_id = any ($1)";
    private const string Keys = "select company_id, key, message_id, fingerprint from delivery.idempotency_keys where company_id = any ($1) and key = any ($2)";
    private const string RoutingVersions = "select company_id, version from delivery.routing_versions where company_id = any ($1)";

    private const string ShardEpochs = "select shard, epoch from delivery.shards where shard = any ($1)";

    public static bool Knows(PostgresException e) =>
        e.SqlState is RoutingMoved or QueueTable.ShardsMoved
        || (e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName is "events_one_per_version" or "idempotency_keys_unique");

    public async Task TakeOut(PostgresException e, List<PendingAppend> members)
    {
        if (members.Exists(static m => m.MayBeCommitted))
        {
            // First, since what was committed meanwhile is not to be judged again.
            await TakeOutKnown(members);
        }

        await ((e.SqlState, e.ConstraintName) switch
        {
            (RoutingMoved, _) => TakeOutMoved(members),
            (QueueTable.ShardsMoved, _) => TakeOutRelieved(members),
            (_, "idempotency_keys_unique") => TakeOutDuplicates(members),
            _ => TakeOutKnown(members),
        });
    }

    /// <summary>
    /// Members whose stream has moved: the ones whose own facts stand there are done (their commit's answer was lost), the
    /// others have come too late.
    /// </summary>
    public async Task TakeOutKnown(List<PendingAppend> members)
    {
        var stored = new Dictionary<(Guid Stream, int Version), (byte[] Data, string Type)>();
        await Query(FactsOfStreams, row => stored[(row.GetGuid(0), row.GetInt32(1))] = (row.GetFieldValue<byte[]>(2), row.GetString(3)), Streams(members));
        members.RemoveAll(m =>
        {
            var first = m.Facts[0];
            if (!stored.TryGetValue((first.StreamId, first.Version), out var found))
            {
                return false;
            }

            if (m.Numbered.Count > 0)
            {
                Sequences.Adopt(m, m.Facts.Where(f => stored.ContainsKey((f.StreamId, f.Version))).Select(f => Read(stored[(f.StreamId, f.Version)])));
                first = m.Facts[0];
            }

            var mine = found.Data.AsSpan().SequenceEqual(FactCatalogue.Serialize(first.Fact));
            m.Complete(mine ? AppendOutcome.Committed.Instance : AppendOutcome.VersionConflict.Instance);
            return true;
        });
    }

    private async Task TakeOutDuplicates(List<PendingAppend> members)
    {
        var keyed = members.Where(m => m.Idempotency is not null).ToArray();
        var known = new Dictionary<(Guid, string), (Guid Message, string Fingerprint)>();
        await Query(Keys, row => known[(row.GetGuid(0), row.GetString(1))] = (row.GetGuid(2), row.GetString(3)),
            keyed.Select(m => m.Idempotency!.Company.Value).Distinct().ToArray(), keyed.Select(m => m.Idempotency!.Key).ToArray());
        members.RemoveAll(m =>
        {
            if (m.Idempotency is not { } key || !known.TryGetValue((key.Company.Value, key.Key), out var first))
            {
                return false;
            }

            m.Complete(new AppendOutcome.DuplicateKey(new MessageId(first.Message), first.Fingerprint));
            return true;
        });
    }

    private async Task TakeOutMoved(List<PendingAppend> members)
    {
        var versions = new Dictionary<Guid, long>();
        await Query(RoutingVersions, row => versions[row.GetGuid(0)] = row.GetInt64(1),
            members.Where(m => m.Routing is not null).Select(m => m.Routing!.Value.Company.Value).Distinct().ToArray());
        members.RemoveAll(m =>
        {
            var moved = m.Routing is { } check && versions.TryGetValue(check.Company.Value, out var version) && version != check.Version;
            if (moved)
            {
                m.Complete(AppendOutcome.RoutingMoved.Instance);
            }

            return moved;
        });
    }

    private async Task TakeOutRelieved(List<PendingAppend> members)
    {
        var epochs = new Dictionary<short, long>();
        await Query(ShardEpochs, row => epochs[row.GetInt16(0)] = row.GetInt64(1), members.SelectMany(m => m.Enqueue).Select(r => r.Shard).Distinct().ToArray());
        members.RemoveAll(m =>
        {
            var relieved = m.Enqueue.Any(r => r.DueAt is null && epochs.TryGetValue(r.Shard, out var epoch) && epoch != r.Epoch);
            if (relieved)
            {
                m.Complete(new AppendOutcome.ShardsMoved(epochs));
            }

            return relieved;
        });
    }

    private static Fact Read((byte[] Data, string Type) stored) => FactCatalogue.Deserialize(stored.Type, stored.Data);

    private static Guid[] Streams(List<PendingAppend> members) => members.SelectMany(m => m.Facts).Select(f => f.StreamId).Distinct().ToArray();

    private async Task Query(string sql, Action<NpgsqlDataReader> row, params object[] parameters)
    {
        await using var command = dataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            row(reader);
        }
    }
}
