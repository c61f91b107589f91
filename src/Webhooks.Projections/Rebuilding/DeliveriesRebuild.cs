using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Projections.Rebuilding;

/// <summary>
/// Makes the list of deliveries anew beside the present one, page by page as the subscription does, and puts
/// it in its place at the end. Reading and following the log go on meanwhile.
/// </summary>
internal sealed class DeliveriesRebuild(NpgsqlDataSource database, LogSignal signal, TimeProvider time, ILogger<SubscriptionRunner> log)
{
    private const string NextName = DeliveriesProjection.ProjectionName + "~next";
    private const int PageSize = 5000;
    private const string CountSql = "select count(*) from es.events";
    private const string EndSql = "select tx, seq from es.events order by tx desc, seq desc limit 1";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private const string TakeOverSql = $"""
        insert into es.checkpoints (name, tx, seq) select '{DeliveriesProjection.ProjectionName}', tx, seq from es.checkpoints where name = '{NextName}';
        delete from es.checkpoints where name = '{NextName}';
        """;

    public async Task<RebuildProgress> Run(IProgress<RebuildProgress> progress, CancellationToken ct)
    {
        var report = new ProgressReport(RebuildParts.Deliveries, await Count(ct), progress, time);
        var projection = new DeliveriesProjection(NextName, new DeliveryTables(NextDeliveries.Schema));
        var next = Runner(projection);
        await next.Reset((connection, _, token) => NextDeliveries.Create(connection, token), ct);
        await CatchUp(next, projection, report, ct);
        await DatabaseFailures.Typed(async () =>
        {
            await using var connection = await database.OpenConnectionAsync(ct);
            return await NextDeliveries.Index(connection, ct);
        });

        // What came while the indexes were made.
        await CatchUp(next, projection, report, ct);
        await Reach(await End(ct), next, projection, report, ct);
        await Runner(new DeliveriesProjection()).Reset(TakeOver, ct);
        return report.Last;
    }

    private static async Task CatchUp(SubscriptionRunner next, DeliveriesProjection projection, ProgressReport report, CancellationToken ct)
    {
        SubscriptionRun run;
        do
        {
            run = await next.RunOnceAsync(ct);
            report.Reach(report.Last.FactsRead + run.Facts, projection.RowsWritten);
        }
        while (run.Facts == PageSize);
    }

    /// <summary>The last facts can be read only when older transactions, of whatever database of the cluster, have ended.</summary>
    private async Task Reach(LogPosition end, SubscriptionRunner next, DeliveriesProjection projection, ProgressReport report, CancellationToken ct)
    {
        while ((await next.GetProgress(ct)).Position < end)
        {
            var seen = signal.Version;
            await signal.Wait(seen, Poll, ct);
            await CatchUp(next, projection, report, ct);
        }
    }

    private Task<LogPosition> End(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(EndSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new LogPosition(await reader.GetFieldValueAsync<ulong>(0, ct), reader.GetInt64(1)) : LogPosition.Start;
    });

    /// <summary>In the transaction that holds the subscription's lock and has taken its checkpoint away: it goes on where the new table ends.</summary>
    private static async Task TakeOver(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(TakeOverSql, connection, transaction);
        await command.ExecuteNonQueryAsync(ct);
        await NextDeliveries.Replace(connection, ct);
    }

    private SubscriptionRunner Runner(DeliveriesProjection projection) =>
        new(projection, database, signal, time, log, new SubscriptionOptions { PageSize = PageSize });

    private Task<long> Count(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(CountSql);
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(ct))!;
    });
}
