using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Projections.Catalogue;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Projections.Rebuilding;

/// <summary>
/// Makes the inline read models anew in one transaction. Readers see the old rows until it commits; who changes a company, a
/// webhook or an event type waits as long, and so do readers of the log, as behind every writing transaction.
/// </summary>
internal sealed class RegistrationsRebuild(NpgsqlDataSource database, TimeProvider time)
{
    private const int FetchSize = 2000;

    /// <summary>Deleted, not truncated: a truncation would lock readers out until the commit.</summary>
    private const string ClearSql = """
        lock table read.companies, read.api_keys, read.webhooks, read.event_types in share row exclusive mode;
        delete from read.companies;
        delete from read.api_keys;
        delete from read.webhooks;
        delete from read.event_types;
        """;

    private const string CountSql = "select count(*) from es.events where type = any($1)";

    /// <summary>Those whose tables are cleared above, and no others: inline projections that announce or count changes have nothing to say here.</summary>
    private static readonly IInlineProjection[] Projections = [new CompaniesProjection(), new WebhooksProjection(), new EventTypesProjection()];

    private static readonly Type[] Owners = [typeof(CompanyFact), typeof(WebhookFact), typeof(EventTypeFact)];

    private static readonly string[] Types =
        [.. FactCatalogue.All.Where(f => Owners.Any(f.Type.IsAssignableTo)).Select(f => f.Name)];

    public async Task<RebuildProgress> Run(IProgress<RebuildProgress> progress, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var clear = new NpgsqlCommand(ClearSql, connection, transaction))
        {
            await clear.ExecuteNonQueryAsync(ct);
        }

        var report = new ProgressReport(RebuildParts.Registrations, await Count(connection, transaction, ct), progress, time);
        var (facts, rows) = (0L, 0L);
        await using var batch = new NpgsqlBatch(connection, transaction);
        await foreach (var stream in StreamScan.Streams(connection, transaction, Types, FetchSize, ct))
        {
            facts += stream.Count;
            Project(stream, batch);
            if (batch.BatchCommands.Count >= FetchSize)
            {
                rows += await Flush(batch, ct);
                report.Reach(facts, rows);
            }
        }

        rows += await Flush(batch, ct);
        await transaction.CommitAsync(ct);
        report.Reach(facts, rows);
        return report.Last;
    }

    private static void Project(IReadOnlyList<StoredFact> stream, NpgsqlBatch batch)
    {
        var earlier = new List<StoredFact>(stream.Count);
        foreach (var fact in stream)
        {
            foreach (var projection in Projections)
            {
                projection.Apply(fact, earlier, batch);
            }

            earlier.Add(fact);
        }
    }

    private static async Task<int> Flush(NpgsqlBatch batch, CancellationToken ct)
    {
        var statements = batch.BatchCommands.Count;
        if (statements > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
            batch.BatchCommands.Clear();
        }

        return statements;
    }

    private static async Task<long> Count(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(CountSql, connection, transaction) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Types });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
