using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>Two workers and a node that only accepts, on one database: the one worker delivers, the other stands by.</summary>
public sealed class Two_workers(ITestOutputHelper output)
{
    [Fact]
    public async Task The_other_takes_over_from_a_killed_one()
    {
        await using var scene = await Scene.Open();
        using var stop = new CancellationTokenSource();
        var emitting = scene.Load.Run(emitters: 4, stop.Token);
        await scene.Receiver.Has(300);

        await scene.Owner.Kill();
        await scene.TakenOver();
        await scene.Receiver.Has(scene.Receiver.Arrivals.Count + 300);
        await stop.CancelAsync();
        await emitting;

        await scene.EndsWell(output, duplicates: Settings.MaxInFlight);
    }

    [Fact]
    public async Task The_outcome_of_a_frozen_one_is_fenced_off()
    {
        await using var scene = await Scene.Open();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        scene.Receiver.Answer = async _ =>
        {
            await (Interlocked.Increment(ref arrived) <= Settings.MaxInFlight ? goOn.Task : Task.CompletedTask);
            return 200;
        };
        await scene.Load.Emit(400);
        await scene.Receiver.Has(Settings.MaxInFlight);

        // The other sends what was under way too, and all that waited; then the frozen one finds its answers.
        await scene.Owner.Freeze();
        await scene.TakenOver();
        await Verdict.Drained(scene.Database.DataSource);
        goOn.SetResult();
        await scene.Owner.Thaw();

        // A sign that it lives again, after all that it still had to record: it takes the other's place.
        await scene.Other.Kill();
        await scene.TakenOver();
        await scene.Load.Emit(50);
        await scene.EndsWell(output, duplicates: Settings.MaxInFlight);
        Assert.Equal(Settings.MaxInFlight, scene.Receiver.Duplicates);
    }

    private sealed class Scene(TestDatabase database, Receiver receiver, Node owner, Node other, Node api, Platform platform, Load load) : IAsyncDisposable
    {
        private const string Owners = "select coalesce(string_agg(distinct owner::text, ','), '') from delivery.shards";
        private string _owner = "";

        public TestDatabase Database => database;
        public Receiver Receiver => receiver;
        public Node Owner => owner;
        public Node Other => other;
        public Load Load => load;

        public static async Task<Scene> Open()
        {
            var database = await TestDatabase.CreateEmpty();
            var receiver = await Receiver.Start();
            var data = TemporaryFolder.Create();
            var owner = new Node(Settings.Of(data, database.ConnectionString, "worker"));
            var other = new Node(Settings.Of(data, database.ConnectionString, "worker"));
            var api = new Node(Settings.Of(data, database.ConnectionString, "api"));
            await owner.Start();
            await other.Start();
            await api.Start();
            var platform = new Platform(api);
            var company = await platform.RegisterCompany();
            await platform.RegisterWebhook(company, receiver.Url + "/hook", [], [20]);
            return new Scene(database, receiver, owner, other, api, platform, new Load(platform, company, "a")) { _owner = await Verdict.Scalar<string>(database.DataSource, Owners) };
        }

        /// <summary>All shards belong to one node, and to another than before.</summary>
        public async Task TakenOver()
        {
            var now = "";
            await Eventually.Is(
                async () => (now = await Verdict.Scalar<string>(database.DataSource, Owners)) != _owner && !now.Contains(',', StringComparison.Ordinal),
                "another node owns the shards");
            _owner = now;
        }

        public async Task EndsWell(ITestOutputHelper output, int duplicates)
        {
            await Verdict.Drained(database.DataSource);
            var ledger = await Ledger.Read(database.DataSource);
            output.WriteLine($"{load.Emissions.Count} emissions, {ledger.Deliveries.Count} deliveries, {receiver.Duplicates} duplicates");
            Verdict.None(ledger.Faults(), "in the end");
            Verdict.None(Verdict.OfEmissions(ledger, load, _ => 1), "emissions");
            Verdict.None(Verdict.OfDeliveries(ledger, receiver), "deliveries");
            Assert.True(receiver.Duplicates <= duplicates, $"{receiver.Duplicates} duplicates, with {duplicates} in flight at most: {string.Join(", ", receiver.Arrivals.Where(a => a.Time > 1).Take(20).Select(a => a.Delivery))}");
        }

        public async ValueTask DisposeAsync()
        {
            platform.Dispose();
            await api.DisposeAsync();
            await other.DisposeAsync();
            await owner.DisposeAsync();
            await receiver.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
