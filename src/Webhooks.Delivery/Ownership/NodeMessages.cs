using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Routing;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// Wake-ups between nodes: routing has changed, work is due, shards can be had. Hints only, lost ones are made up for by polling.
/// </summary>
public sealed class NodeMessages(NpgsqlDataSource dataSource, ShardLeases shards, LogSignal routingChanged, DeliveryOptions options, TimeProvider time, ILogger<NodeMessages> log)
{
    private const string DueChannel = "webhooks_due";
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(3);

    /// <summary>A connection whose other end is gone looks like a silent one: asked so often.</summary>
    internal TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Listens until stopped; reconnects.</summary>
    public Task Listen(CancellationToken ct) => Forever(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        connection.Notification += (_, message) =>
        {
            switch (message.Channel)
            {
                case DueChannel when ulong.TryParse(message.Payload, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var written):
                    shards.WorkArrived(written);
                    break;
                case RoutingProjection.Channel:
                    routingChanged.Notify();
                    break;
                case NodeSession.Channel:
                    shards.LookAgain();
                    break;
            }
        };
        await using (var listen = new NpgsqlCommand($"listen {DueChannel}; listen {RoutingProjection.Channel}; listen {NodeSession.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        // What was told while nobody listened.
        shards.WorkArrived(ulong.MaxValue);
        routingChanged.Notify();
        shards.LookAgain();

        while (!ct.IsCancellationRequested)
        {
            if (!await connection.WaitAsync(Silence, ct))
            {
                await using var probe = new NpgsqlCommand("select 1", connection);
                await probe.ExecuteNonQueryAsync(ct);
            }
        }
    }, ct);

    /// <summary>Tells the other nodes that work was written into their shards: soon, but not once per event.</summary>
    public Task Announce(LogSignal written, CancellationToken ct) => Forever(async () =>
    {
        while (true)
        {
            var seen = written.Version;
            await written.Wait(seen, Timeout.InfiniteTimeSpan, ct);
            await using (var notify = dataSource.CreateCommand($"select pg_notify('{DueChannel}', $1)"))
            {
                // A bit for each shard: only their owners look.
                notify.Parameters.Add(new NpgsqlParameter<string> { TypedValue = shards.TakeWritten().ToString("x", CultureInfo.InvariantCulture) });
                await notify.ExecuteNonQueryAsync(ct);
            }

            await Task.Delay(AtMostEvery, time, ct);
        }
    }, ct);

    private async Task Forever(Func<Task> run, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await run();
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; until it is back, polling finds what is due.
                log.LogWarning("Wake-ups between nodes are interrupted: {Reason}", e.Message);
                await Task.Delay(options.Poll, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
