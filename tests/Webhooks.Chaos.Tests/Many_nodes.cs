using System.Collections.Concurrent;
using System.Diagnostics;
using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>Nodes come, go and die under load, and receivers see nothing of it but the duplicates that a killing costs.</summary>
public sealed class Many_nodes(ITestOutputHelper output)
{
    [Fact]
    public async Task A_rolling_restart_of_three_workers_loses_nothing_and_sends_nothing_twice()
    {
        await using var fleet = await Fleet.Open(workers: 3);
        await fleet.Divided(22, 21, 21);
        using var stop = new CancellationTokenSource();
        var emitting = fleet.Load.Run(emitters: 4, stop.Token);
        await fleet.Receiver.Has(200);
        foreach (var worker in fleet.Workers)
        {
            await worker.Ask();
            Assert.Equal(0, await worker.Ended());
            await fleet.Divided(32, 32);
            await worker.Start();
            await fleet.Divided(22, 21, 21);
            await fleet.Receiver.Has(fleet.Receiver.Arrivals.Count + 100);
        }

        await stop.CancelAsync();
        await emitting;
        await fleet.EndsWell(output, duplicates: 0);
    }

    [Fact]
    public async Task Three_new_workers_take_their_share_without_a_duplicate_and_two_may_die_at_once()
    {
        await using var fleet = await Fleet.Open(workers: 1);
        await fleet.Divided(64);
        using var stop = new CancellationTokenSource();
        var emitting = fleet.Load.Run(emitters: 4, stop.Token);
        await fleet.Receiver.Has(200);
        var times = new ConcurrentQueue<long>();
        fleet.Receiver.Answer = _ =>
        {
            times.Enqueue(Stopwatch.GetTimestamp());
            return Task.FromResult(200);
        };
        await Task.WhenAll(fleet.AddWorker(), fleet.AddWorker(), fleet.AddWorker());
        await fleet.Divided(16, 16, 16, 16);
        await fleet.Receiver.Has(fleet.Receiver.Arrivals.Count + 200);
        Assert.Equal(0, fleet.Receiver.Duplicates);
        output.WriteLine($"The longest pause between two arrivals while nodes came was {LongestPause([.. times]).TotalMilliseconds:0} ms.");

        await Task.WhenAll(fleet.Workers[0].Kill(), fleet.Workers[2].Kill());
        await fleet.Divided(32, 32);
        await fleet.Receiver.Has(fleet.Receiver.Arrivals.Count + 200);
        await stop.CancelAsync();
        await emitting;
        await fleet.EndsWell(output, duplicates: 2 * Settings.MaxInFlight);
    }

    [Fact]
    public async Task A_webhook_created_through_one_node_gets_the_event_emitted_through_another_right_after()
    {
        const int Times = 200;
        await using var fleet = await Fleet.Open(workers: 0);
        var elsewhere = await fleet.AddNode("all");
        using var other = new Platform(elsewhere);
        for (var i = 1; i <= Times; i++)
        {
            await fleet.Platform.RegisterWebhook(fleet.Company, fleet.Receiver.Url + "/new", [$"t{i}"], [20]);
            Assert.Equal(202, (await other.Emit(fleet.Company, $"t{i}", i, null)).Status);
        }

        await Verdict.Drained(fleet.Database);
        var ledger = await Ledger.Read(fleet.Database);
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(ledger.Events.Where(e => e.Matched != 2).Select(e => $"event {e.Number} matched {e.Matched} webhooks"), "events");
        Assert.Equal(Times, fleet.Receiver.Arrivals.Where(a => a.Path == "/new").DistinctBy(a => a.Delivery).Count());
    }

    /// <summary>Prints what it costs that another node delivers than the one that accepts.</summary>
    [Fact]
    public async Task What_one_node_accepts_is_sent_by_another()
    {
        const int Events = 300;
        await using var fleet = await Fleet.Open(workers: 1);
        var arrived = new TaskCompletionSource();
        fleet.Receiver.Answer = _ =>
        {
            arrived.TrySetResult();
            return Task.FromResult(200);
        };
        var took = new List<double>();
        for (var i = 1; i <= Events; i++)
        {
            var next = arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var since = Stopwatch.GetTimestamp();
            var emitted = fleet.Platform.Emit(fleet.Company, "a", i, null);
            await Eventually.Arrives(next.Task, "the event is delivered");
            took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            Assert.Equal(202, (await emitted).Status);
        }

        took.Sort();
        output.WriteLine($"Emit on one node to receive from another: p50 {took[Events / 2]:0.0} ms, p99 {took[Events * 99 / 100]:0.0} ms");
        await fleet.EndsWell(output, duplicates: 0);
    }

    private static TimeSpan LongestPause(IEnumerable<long> arrivals) =>
        arrivals.Zip(arrivals.Skip(1), (earlier, later) => Stopwatch.GetElapsedTime(earlier, later)).Max();
}
