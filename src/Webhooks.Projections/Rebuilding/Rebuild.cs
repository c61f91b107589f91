using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.EventStore;

namespace Webhooks.Projections.Rebuilding;

/// <summary>Makes what was derived from the log anew. One rebuild at a time in an installation.</summary>
public sealed class Rebuild(NpgsqlDataSource database, LogSignal signal, TimeProvider time, ILogger<SubscriptionRunner> log)
{
    /// <summary>Belongs to the connection: gone with it, however it ends.</summary>
    private const string TryLockSql = "select pg_try_advisory_lock(hashtextextended('read.rebuild', 0))";
    private const string UnlockSql = "select pg_advisory_unlock(hashtextextended('read.rebuild', 0))";

    private readonly RegistrationsRebuild _registrations = new(database, time);
    private readonly DeliveriesRebuild _deliveries = new(database, signal, time, log);
    private readonly ScheduleRebuild _schedule = new(database, time);

    /// <summary>Everything, the schedule included. Only while no node is at work; nothing is sent.</summary>
    /// <exception cref="LogGrewException">A node began to work meanwhile. Read models are made anew, the schedule is as it was.</exception>
    public async Task<RebuildResult> Everything(IProgress<RebuildProgress> progress, CancellationToken ct) =>
        await _schedule.NodesAtWork(ct)
            ? new RebuildResult.NodesAtWork()
            : await Alone(
                async () =>
                {
                    var registrations = await _registrations.Run(progress, ct);
                    var deliveries = await _deliveries.Run(progress, ct);
                    return [registrations, deliveries, await _schedule.Run(deliveries.FactsRead, progress, ct)];
                },
                ct);

    /// <summary>Companies, API keys, webhooks and event types, in one transaction; also while nodes are at work.</summary>
    /// <param name="begun">Called once no other rebuild can be under way, and before there is progress.</param>
    public Task<RebuildResult> Registrations(IProgress<RebuildProgress> progress, CancellationToken ct, Action? begun = null) =>
        Alone(async () => [await _registrations.Run(progress, ct)], ct, begun);

    /// <summary>The list of deliveries; also while nodes are at work: the old rows are read until the new ones take their place.</summary>
    /// <inheritdoc cref="Registrations"/>
    public Task<RebuildResult> Deliveries(IProgress<RebuildProgress> progress, CancellationToken ct, Action? begun = null) =>
        Alone(async () => [await _deliveries.Run(progress, ct)], ct, begun);

    private Task<RebuildResult> Alone(Func<Task<IReadOnlyList<RebuildProgress>>> rebuild, CancellationToken ct, Action? begun = null) => DatabaseFailures.Typed<RebuildResult>(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        if (!await Ask(connection, TryLockSql, ct))
        {
            return new RebuildResult.AlreadyRunning();
        }

        try
        {
            begun?.Invoke();
            return new RebuildResult.Done(await rebuild());
        }
        finally
        {
            await Ask(connection, UnlockSql, CancellationToken.None);
        }
    });

    private static async Task<bool> Ask(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}
