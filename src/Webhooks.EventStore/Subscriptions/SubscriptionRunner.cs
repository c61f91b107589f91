using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>Moves one subscription along the log. Any number of nodes may run it; one at a time makes progress.</summary>
/// <param name="signal">Wakes the loop before its poll interval is over.</param>
public sealed class SubscriptionRunner(
    ISubscription subscription, NpgsqlDataSource dataSource, LogSignal signal, TimeProvider time, ILogger<SubscriptionRunner> log, SubscriptionOptions options)
{
    /// <summary>
    /// What we were woken for may be held back by another transaction, whose end nobody tells us:
    /// so we look again soon, then ever more seldom, down to the poll interval.
    /// </summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(5);

    public string Name => subscription.Name;

    /// <summary>Processes one page after the checkpoint, and moves the checkpoint in the same transaction.</summary>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; nothing was done.</exception>
    public Task<SubscriptionRun> RunOnceAsync(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await Checkpoint.TryTake(Name, connection, transaction, ct) is not { } position)
        {
            return new SubscriptionRun(0, LogPosition.Start, HeldElsewhere: true);
        }

        var page = await LogReader.ReadLog(connection, position, options.PageSize, ct);
        if (page.Count == 0)
        {
            return new SubscriptionRun(0, position, HeldElsewhere: false);
        }

        await subscription.Process(page, connection, transaction, ct);
        var reached = page[^1].Position;
        await Checkpoint.Move(Name, position, reached, connection, transaction, ct);
        await transaction.CommitAsync(ct);
        // Our own transaction held back those who read in the meantime.
        signal.Wake();
        return new SubscriptionRun(page.Count, reached, HeldElsewhere: false);
    });

    /// <summary>Follows the log until cancelled. A failure is logged and tried again, ever more patiently.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var (woken, patience) = (false, options.PollInterval);
        for (var failures = 0; !ct.IsCancellationRequested;)
        {
            try
            {
                var seen = signal.Version;
                var run = await RunOnceAsync(ct);
                failures = 0;
                if (run.Facts < options.PageSize)
                {
                    patience = woken || run.Facts > 0 ? SecondLook : TimeSpan.FromTicks(Math.Min(patience.Ticks * 2, options.PollInterval.Ticks));
                    woken = await signal.Wait(seen, patience, ct);
                    if (woken && options.Linger > TimeSpan.Zero)
                    {
                        await Task.Delay(options.Linger, time, ct);
                    }
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The loop is the only one that makes progress: it must outlive every failure.
                var pause = Backoff.After(failures++);
                log.LogError(e, "Subscription {Subscription} failed; it goes on in {Pause}.", Name, pause);
                await Backoff.Wait(pause, time, ct);
            }
        }
    }

    /// <summary>Goes back to the start of the log, in one transaction with the undoing of the effects.</summary>
    /// <param name="undo">For example truncates the read model.</param>
    public Task Reset(Func<NpgsqlConnection, NpgsqlTransaction, CancellationToken, Task> undo, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Checkpoint.Reset(Name, connection, transaction, ct);
        await undo(connection, transaction, ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
        return LogPosition.Start;
    });

    public Task<SubscriptionProgress> GetProgress(CancellationToken ct) => Progress.Read(Name, dataSource, ct);
}
