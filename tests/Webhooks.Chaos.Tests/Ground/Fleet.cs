using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>Processes on one database: one that only accepts, any number that deliver, one receiver with one webhook.</summary>
public sealed class Fleet : IAsyncDisposable
{
    private const string Shares = """
        select coalesce(string_agg(n::text, ',' order by n desc), '')
        from (select count(*) as n from delivery.shards where owner is not null group by owner) s
        """;

    private readonly string _data = TemporaryFolder.Create();
    private readonly TestDatabase _database;
    private readonly int _leaseSeconds;

    private Fleet(TestDatabase database, Receiver receiver, int leaseSeconds)
    {
        (_database, Receiver, _leaseSeconds) = (database, receiver, leaseSeconds);
        Api = Node("api");
        Platform = new Platform(Api);
    }

    public Npgsql.NpgsqlDataSource Database => _database.DataSource;
    public Receiver Receiver { get; }
    public Node Api { get; }
    public Platform Platform { get; }
    public string Company { get; private set; } = "";
    public Load Load { get; private set; } = null!;
    public List<Node> Workers { get; } = [];

    public static async Task<Fleet> Open(int workers, int leaseSeconds = Settings.LeaseSeconds)
    {
        var fleet = new Fleet(await TestDatabase.CreateEmpty(), await Receiver.Start(), leaseSeconds);
        await fleet.Api.Start();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => fleet.AddWorker()));
        fleet.Company = await fleet.Platform.RegisterCompany();
        await fleet.Platform.RegisterWebhook(fleet.Company, fleet.Receiver.Url + "/hook", [], [20]);
        fleet.Load = new Load(fleet.Platform, fleet.Company, "a");
        return fleet;
    }

    public Task<Node> AddWorker() => AddNode("worker");

    public async Task<Node> AddNode(string role)
    {
        var node = Node(role);
        lock (Workers)
        {
            Workers.Add(node);
        }

        await node.Start();
        return node;
    }

    /// <summary>Returns when the shards are divided so, largest share first.</summary>
    public Task Divided(params int[] shares)
    {
        var expected = string.Join(',', shares);
        return Eventually.Is(async () => await Verdict.Scalar<string>(Database, Shares) == expected, $"the shards are divided {expected}", TimeSpan.FromMinutes(2));
    }

    /// <summary>Everything accepted is delivered, the log is right, and no more came twice than so many.</summary>
    public async Task EndsWell(ITestOutputHelper output, int duplicates)
    {
        await Verdict.Drained(Database);
        var ledger = await Ledger.Read(Database);
        output.WriteLine($"{Load.Emissions.Count} emissions, {ledger.Deliveries.Count} deliveries, {Receiver.Duplicates} duplicates");
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(Verdict.OfEmissions(ledger, Load, _ => 1), "emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, Receiver), "deliveries");
        Assert.True(Receiver.Duplicates <= duplicates, $"{Receiver.Duplicates} duplicates instead of {duplicates} at most: {string.Join(", ", Receiver.Arrivals.Where(a => a.Time > 1).Take(20).Select(a => a.Delivery))}");
    }

    public async ValueTask DisposeAsync()
    {
        Platform.Dispose();
        await Api.DisposeAsync();
        foreach (var worker in Workers)
        {
            await worker.DisposeAsync();
        }

        await Receiver.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Node Node(string role) => new(Settings.Of(_data, _database.ConnectionString, role, _leaseSeconds));
}
