using System.Diagnostics;
using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>PostgreSQL goes down without warning under load and comes back; the service lives through it.</summary>
public sealed class A_database_that_crashes(ITestOutputHelper output)
{
    private const int Crashes = 3;

    /// <summary>
    /// What a node may say in a second without a database, beside a line for each request that it refuses: six loops that look
    /// every 100 ms. A loop that does not rest would say thousands.
    /// </summary>
    private const int LinesPerSecond = 100;

    /// <summary>Its connections stand and nothing answers. Emitters hear so while it lasts, and what they were not told of is there wholly or not at all.</summary>
    [Fact]
    public async Task A_database_that_hangs_keeps_no_emitter_waiting_for_its_end()
    {
        await using var receiver = await Receiver.Start();
        await using var cluster = new PrivateCluster();
        await using var node = new Node(Settings.OfOneThatLosesItsDatabase(cluster.DataDirectory, await cluster.Start(), acceptSeconds: 3));
        using var platform = new Platform(node);
        await node.Start();
        var company = await platform.RegisterCompany();
        await platform.RegisterWebhook(company, receiver.Url + "/healthy", [], [20]);
        var load = new Load(platform, company, "a");
        using var stop = new CancellationTokenSource();
        var emitting = load.Run(emitters: 6, stop.Token);
        await receiver.Has(200);

        await cluster.Hang();
        var refused = load.Refused;
        await Eventually.Is(() => load.Refused >= refused + 12, "every emitter is refused with 503, twice on average, while the database hangs", TimeSpan.FromSeconds(60));
        await cluster.GoOn();
        var accepted = load.Accepted.Count();
        await Eventually.Is(() => load.Accepted.Count() > accepted + 100, "events are accepted again", TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await emitting;

        var database = await cluster.Database();
        await Verdict.Drained(database);
        var ledger = await Ledger.Read(database);
        output.WriteLine($"{load.Emissions.Count} emissions, {load.Accepted.Count()} accepted, {load.Refused} refusals, {ledger.Events.Count} events, {receiver.Duplicates} duplicates");
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(Verdict.OfEmissions(ledger, load, _ => 1), "emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, receiver), "deliveries");
        Verdict.None(load.Emissions.Where(e => e.Answers.Exists(a => a is not 202 and not 503)).Select(e => e.ToString()), "emissions answered otherwise than 202 or 503");
        Assert.True(receiver.Duplicates <= Settings.MaxInFlight, $"{receiver.Duplicates} duplicates");
    }

    /// <summary>The embedded one is the service's own, so the service starts it again.</summary>
    [Fact]
    public async Task An_embedded_database_that_is_killed_is_started_again_by_the_service()
    {
        await using var receiver = await Receiver.Start();
        await using var cluster = new PrivateCluster();
        await using var node = new Node(Settings.OfOneThatLosesItsDatabase(cluster.DataDirectory));
        using var platform = new Platform(node);
        await node.Start();
        var company = await platform.RegisterCompany();
        await platform.RegisterWebhook(company, receiver.Url + "/healthy", [], [20]);
        var load = new Load(platform, company, "a");
        using var stop = new CancellationTokenSource();
        var emitting = load.Run(emitters: 4, stop.Token);
        for (var time = 1; time <= 2; time++)
        {
            await receiver.Has(receiver.Arrivals.Count + 100);
            await cluster.KillPostmaster();
            var accepted = load.Accepted.Count();
            await Eventually.Is(() => load.Accepted.Count() > accepted + 50, "events are accepted again", TimeSpan.FromSeconds(60));
            await Eventually.Is(() => Ends() >= time, "the service has said that it ended");
            Assert.Equal(time, Ends());
        }

        await stop.CancelAsync();
        await emitting;
        var database = await cluster.Database();
        await Verdict.Drained(database);
        var ledger = await Ledger.Read(database);
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(Verdict.OfEmissions(ledger, load, _ => 1), "emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, receiver), "deliveries");
        await node.Ask();
        Assert.Equal(0, await node.Ended());

        int Ends() => node.Output.Count(line => line.Contains("PostgreSQL has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Emitters_are_told_to_come_again_and_the_service_recovers_by_itself()
    {
        var chance = new Chance();
        await using var receiver = await Receiver.Start();
        await using var cluster = new PrivateCluster();
        await using var node = new Node(Settings.OfOneThatLosesItsDatabase(cluster.DataDirectory, await cluster.Start()));
        using var platform = new Platform(node);
        await node.Start();
        var company = await platform.RegisterCompany();
        await platform.RegisterWebhook(company, receiver.Url + "/healthy", [], [20]);
        await platform.RegisterWebhook(company, receiver.Url + "/also-healthy", [], [20]);
        var load = new Load(platform, company, "a");
        using var stop = new CancellationTokenSource();
        var emitting = load.Run(emitters: 6, stop.Token);

        var away = new Stopwatch();
        for (var crash = 1; crash <= Crashes; crash++)
        {
            await receiver.Has(receiver.Arrivals.Count + chance.Random.Next(50, 400));
            away.Start();
            await cluster.Crash();
            var refused = load.Refused;
            await Eventually.Is(() => load.Refused >= refused + 150, "emitters are refused with 503 while the database is away");
            await cluster.Start();
            var accepted = load.Accepted.Count();
            await Eventually.Is(() => load.Accepted.Count() > accepted + 50, "events are accepted again");
            away.Stop();
        }

        await stop.CancelAsync();
        await emitting;
        var database = await cluster.Database();
        await Verdict.Drained(database);

        var ledger = await Ledger.Read(database);
        var said = node.Output.Count(line => !line.Contains("ProblemMiddleware", StringComparison.Ordinal));
        output.WriteLine($"{load.Emissions.Count} emissions, {load.Accepted.Count()} accepted, {load.Refused} refusals, {ledger.Deliveries.Count} deliveries, {receiver.Duplicates} duplicates, {said} lines said");
        Verdict.None(ledger.Faults(), $"{chance}, in the end");
        Verdict.None(Verdict.OfEmissions(ledger, load, _ => 2), $"{chance}, emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, receiver), $"{chance}, deliveries");
        Verdict.None(load.Emissions.Where(e => e.Answers.Exists(a => a is not 202 and not 503)).Select(e => e.ToString()), $"{chance}, emissions answered otherwise than 202 or 503");
        Assert.True(receiver.Duplicates <= Crashes * Settings.MaxInFlight, $"{chance}: {receiver.Duplicates} duplicates after {Crashes} crashes with {Settings.MaxInFlight} in flight at most");
        Assert.True(said <= LinesPerSecond * (Crashes + away.Elapsed.TotalSeconds), $"{said} lines were said in {away.Elapsed} without a database");
        await Verdict.Listed(database, ledger.Deliveries.Count);
    }
}
