using Webhooks.Chaos.Tests.Ground;

namespace Webhooks.Chaos.Tests;

/// <summary>Two workers and a node that only accepts, on one database: each worker has half of the shards.</summary>
public sealed class Two_workers(ITestOutputHelper output)
{
    [Fact]
    public async Task The_other_takes_over_from_a_killed_one()
    {
        await using var fleet = await Fleet.Open(workers: 2);
        await fleet.Divided(32, 32);
        using var stop = new CancellationTokenSource();
        var emitting = fleet.Load.Run(emitters: 4, stop.Token);
        await fleet.Receiver.Has(300);

        await fleet.Workers[0].Kill();
        await fleet.Divided(64);
        await fleet.Receiver.Has(fleet.Receiver.Arrivals.Count + 300);
        await stop.CancelAsync();
        await emitting;

        await fleet.EndsWell(output, duplicates: Settings.MaxInFlight);
    }

    /// <summary>What it was sending is sent by the other; what it had in memory it does not send when it is back, and its outcomes come too late.</summary>
    [Fact]
    public async Task A_frozen_one_is_relieved_and_fenced_off_when_it_is_back()
    {
        await using var fleet = await Fleet.Open(workers: 1, leaseSeconds: 10);
        await fleet.Load.Emit(100);

        // The worker has seen by now that the receiver copes with many requests at a time.
        await Verdict.Drained(fleet.Database);
        var before = fleet.Receiver.Arrivals.Count;
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        fleet.Receiver.Answer = async _ =>
        {
            await (Interlocked.Increment(ref arrived) <= Settings.MaxHanging ? goOn.Task : Task.CompletedTask);
            return 200;
        };
        await fleet.Load.Emit(400);
        await fleet.Receiver.Has(before + Settings.MaxHanging);

        // Half of what it has in memory goes to the new one; what it is sending stays its own, whoever has the shard.
        var frozen = fleet.Workers[0];
        await fleet.AddWorker();
        await fleet.Divided(32, 32);
        Assert.Equal(0, fleet.Receiver.Duplicates);

        await frozen.Freeze();
        await fleet.Divided(64);
        await Verdict.Drained(fleet.Database);
        Assert.Equal(Settings.MaxHanging, fleet.Receiver.Duplicates);
        goOn.SetResult();
        await frozen.Thaw();

        // It lives again, and is given its share.
        await fleet.Divided(32, 32);
        await fleet.Load.Emit(50);
        await fleet.EndsWell(output, duplicates: Settings.MaxHanging);
    }
}
