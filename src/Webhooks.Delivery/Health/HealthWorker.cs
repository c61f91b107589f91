using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Failures;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>Ticks for what failing webhooks bring about: probes, drains and notices. Every node may do each step; rows locked in PostgreSQL see to it that one does.</summary>
public sealed class HealthWorker(Probes probes, ParkedDrains drains, HealthNotices notices, FailureNotices failures, LogSignal signal, DeliveryOptions options, TimeProvider time, ILogger<HealthWorker> log)
{
    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var seen = signal.Version;
            try
            {
                await RunOnce(ct);
                var next = await drains.NextStep(ct) ?? options.Poll;
                await signal.Wait(seen, next < options.Poll ? next : options.Poll, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; what is to be done stands in tables.
                log.LogWarning(DatabaseFailures.Trace(e), "Probes, drains or notices of webhooks failed ({Reason}); trying again", e.Message);
                await Task.Delay(options.Poll, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Everything whose time has come. A step that fails holds up no other.</summary>
    public async Task RunOnce(CancellationToken ct)
    {
        var apart = new Apart(ct);
        await apart.Try(() => notices.RunOnce(ct));
        await apart.Try(() => failures.RunOnce(ct));
        await apart.Try(() => probes.RunOnce(ct));
        await apart.Try(() => drains.RunOnce(ct));
        apart.ThrowFailures();
    }
}
