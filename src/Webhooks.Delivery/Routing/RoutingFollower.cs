using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Routing;

/// <summary>Keeps the node's picture of webhooks fresh for sending. Accepts don't rely on it: they check in their transaction.</summary>
public sealed class RoutingFollower(NpgsqlDataSource dataSource, RoutingDirectory directory, LogSignal changed, DeliveryOptions options, TimeProvider time, ILogger<RoutingFollower> log)
{
    // Rows of transactions from the fence on; the fence is the oldest transaction that was running at the last look, so none is skipped.
    private const string Moved = "select company_id, version from delivery.routing_versions where tx >= $1";
    private const string Fence = "select pg_snapshot_xmin(pg_current_snapshot())";
    private ulong _fence;

    /// <summary>Moved, and not loaded yet. One that can't be loaded holds up no other.</summary>
    private readonly Dictionary<CompanyId, long> _moved = [];

    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var seen = changed.Version;
            try
            {
                await RunOnce(ct);
                await changed.Wait(seen, options.Poll, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; a picture that is behind is better than none.
                log.LogWarning(DatabaseFailures.Trace(e), "Changes of webhooks could not be followed ({Reason}); trying again", e.Message);
                await Task.Delay(options.Poll, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Returns how many companies have moved since the last look.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        ulong fence;
        await using (var command = dataSource.CreateCommand(Fence))
        {
            fence = (ulong)(await command.ExecuteScalarAsync(ct))!;
        }

        var count = 0;
        await using (var command = dataSource.CreateCommand(Moved))
        {
            command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = _fence, NpgsqlDbType = NpgsqlDbType.Xid8 });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                _moved[new(reader.GetGuid(0))] = reader.GetInt64(1);
                count++;
            }
        }

        _fence = fence;
        var apart = new Apart(ct);
        foreach (var (company, version) in _moved.ToArray())
        {
            if (!apart.DatabaseIsAway && await apart.Try(() => directory.Follow(company, version).WaitAsync(ct)))
            {
                _moved.Remove(company);
            }
        }

        apart.ThrowFailures();
        return count;
    }
}
