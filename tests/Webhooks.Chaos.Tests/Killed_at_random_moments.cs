using Webhooks.Chaos.Tests.Ground;

namespace Webhooks.Chaos.Tests;

/// <summary>kill -9 of the whole service under load, its embedded PostgreSQL left behind each time.</summary>
public sealed class Killed_at_random_moments(ITestOutputHelper output)
{
    private const int Kills = 10;

    [Fact]
    public async Task Nothing_accepted_is_lost_and_nothing_is_recorded_twice()
    {
        var chance = new Chance();
        output.WriteLine($"{chance}");
        await using var receiver = await Receiver.Start();
        await using var cluster = new PrivateCluster();
        await using var node = new Node(Settings.Of(cluster.DataDirectory));
        using var platform = new Platform(node);
        await node.Start();
        var company = await platform.RegisterCompany();
        await platform.RegisterWebhook(company, receiver.Url + "/healthy", [], [20]);
        await platform.RegisterWebhook(company, receiver.Url + "/slow", ["a"], [20]);
        await platform.RegisterWebhook(company, receiver.Url + "/fails-first", ["b"], [20]);
        receiver.Answer = Answer;
        var load = new Load(platform, company, "a", "b");
        using var stop = new CancellationTokenSource();
        var emitting = load.Run(emitters: 6, stop.Token);

        for (var kill = 1; kill <= Kills; kill++)
        {
            await Moment(chance.Random, receiver);
            await node.Kill();
            Verdict.None((await Ledger.Read(await cluster.Database())).Faults(), $"{chance}, after killing {kill}");
            await StartAgain(node, chance.Random);
        }

        await stop.CancelAsync();
        await emitting;
        var database = await cluster.Database();
        await Verdict.Drained(database);

        var ledger = await Ledger.Read(database);
        Report(ledger, load, receiver, node);
        Verdict.None(ledger.Faults(), $"{chance}, in the end");
        Verdict.None(Verdict.OfEmissions(ledger, load, _ => 2), $"{chance}, emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, receiver), $"{chance}, deliveries");
        Assert.True(receiver.Duplicates <= Kills * Settings.MaxInFlight, $"{chance}: {receiver.Duplicates} duplicates after {Kills} killings with {Settings.MaxInFlight} in flight at most");
        await Verdict.Listed(database, ledger.Deliveries.Count);
        foreach (var emission in load.Accepted.Where(e => e.Key is not null).TakeLast(20))
        {
            Assert.Equal(emission.Sid, await load.Repeat(emission));
        }
    }

    /// <summary>By what has happened, not by the clock, so that slow machines see the same; the load decides where exactly.</summary>
    private static Task Moment(Random random, Receiver receiver) => receiver.Has(receiver.Arrivals.Count + random.Next(1, 400));

    /// <summary>Sometimes it dies while it starts, and starts again.</summary>
    private static async Task StartAgain(Node node, Random random)
    {
        if (random.Next(4) == 0)
        {
            node.Begin();
            await Task.Delay(random.Next(100, 900));
            await node.Kill();
        }

        await node.Start();
    }

    private static async Task<int> Answer(Arrival arrival)
    {
        if (arrival.Path == "/slow" && arrival.Delivery[^1] is '0' or '1')
        {
            await Task.Delay(60);
        }

        return arrival is { Path: "/fails-first", Attempt: 1 } && arrival.Delivery[^1] < 'a' ? 500 : 200;
    }

    private void Report(Ledger ledger, Load load, Receiver receiver, Node node)
    {
        output.WriteLine($"{load.Emissions.Count} emissions, {load.Accepted.Count()} accepted, {load.Emissions.Count(e => e.Answers.Contains(0))} without an answer at first, {ledger.Events.Count} events");
        output.WriteLine($"{ledger.Deliveries.Count} deliveries, {receiver.Arrivals.Count} requests, {receiver.Duplicates} duplicates after {Kills} killings");
        output.WriteLine($"from start to listening: {string.Join(", ", node.Starts.Select(s => $"{s.TotalMilliseconds:0} ms"))}");
    }
}
