using Npgsql;
using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>Every table beside the log is thrown away, and the command <c>rebuild</c> brings them back.</summary>
public sealed class Rebuilding_a_stopped_installation(ITestOutputHelper output)
{
    private const int EventsOfEachKind = 10;
    private const long Far = 3_600_000;

    private const string Truncate = """
        truncate read.companies, read.api_keys, read.webhooks, read.deliveries,
            delivery.queue, delivery.idempotency_keys, delivery.routing_versions, delivery.sweeps
        """;

    /// <summary>
    /// Of the queue, all but two things: the shard, which is anybody's choice, and when it fell due what was in the memory of a
    /// node: that is due at once. Of routing versions all but the transaction, which is this cluster's affair.
    /// </summary>
    private static readonly (string Name, string Rows)[] Derived =
    [
        ("read.companies", "select t::text from read.companies t"),
        ("read.api_keys", "select t::text from read.api_keys t"),
        ("read.webhooks", "select t::text from read.webhooks t"),
        ("read.deliveries", "select t::text from read.deliveries t"),
        ("delivery.idempotency_keys", "select t::text from delivery.idempotency_keys t"),
        ("delivery.routing_versions", "select format('%s %s', company_id, version) from delivery.routing_versions"),
        ("delivery.queue", """
            select format('%s %s %s %s %s %s %s %s %s %s %s %s', delivery_id, webhook_id, message_id, version, attempts, failures,
                network_failures, timeout_failures, unspent, series_started_at, resent_at,
                case when due_at is null or due_at <= now() then 'at once' else due_at::text end) from delivery.queue
            """),
    ];

    [Fact]
    public async Task Every_row_comes_back_and_only_what_was_under_way_is_sent_again()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var receiver = await Receiver.Start();
        await using var node = new Node(Settings.Of(TemporaryFolder.Create(), database.ConnectionString));
        using var platform = new Platform(node);
        await node.Start();
        var company = await EveryOutcome(database.DataSource, receiver, platform);
        await node.Kill();
        await Eventually.Is(
            () => Verdict.Scalar<bool>(database.DataSource, "select not exists (select from delivery.living_nodes)"),
            "nobody holds the lock of the killed node");

        var before = await Dump(database.DataSource);
        var due = await Verdict.Scalar<long>(database.DataSource, "select count(*) from delivery.queue where due_at is null");
        await using (var command = database.DataSource.CreateCommand(Truncate))
        {
            await command.ExecuteNonQueryAsync();
        }

        var (exitCode, said) = await node.Run("rebuild");
        output.WriteLine(said);
        Assert.True(exitCode == 0, said);
        foreach (var (name, rows) in await Dump(database.DataSource))
        {
            Verdict.None([.. before[name].Except(rows).Select(r => "lost: " + r), .. rows.Except(before[name]).Select(r => "new: " + r)], name);
        }

        Verdict.None((await Ledger.Read(database.DataSource)).Faults(), "after the rebuild");
        await OnlyWhatWasUnderWayIsSent(database.DataSource, receiver, node, platform, company, due);
    }

    private static async Task OnlyWhatWasUnderWayIsSent(NpgsqlDataSource database, Receiver receiver, Node node, Platform platform, string company, long due)
    {
        var sentBefore = receiver.Arrivals.Count;
        receiver.Answer = _ => Task.FromResult(200);
        await node.Start();
        Assert.Equal(202, (await platform.Emit(company, "succeeds", 1_000_000, null)).Status);
        await Eventually.Is(
            () => Verdict.Scalar<bool>(database, "select not exists (select from delivery.queue where due_at is null or due_at <= now())"),
            "everything due is delivered");

        var sent = receiver.Arrivals.Skip(sentBefore).Select(a => (a.Path, a.Attempt)).ToList();
        Assert.Equal(due, sent.Count(a => a == ("/held", 1)));
        Assert.Equal(1, sent.Count(a => a == ("/succeeds", 1)));
        Assert.Equal(due + 1, sent.Count);
        Verdict.None((await Ledger.Read(database)).Faults(), "in the end");
    }

    /// <summary>A webhook for each end that a delivery can come to, and for each way in which it can wait.</summary>
    private static async Task<string> EveryOutcome(NpgsqlDataSource database, Receiver receiver, Platform platform)
    {
        var company = await platform.RegisterCompany();
        var never = new TaskCompletionSource<int>();
        receiver.Answer = arrival => arrival.Path switch
        {
            "/held" => never.Task,
            "/succeeds" => Task.FromResult(200),
            "/limited" => Task.FromResult(429),
            _ => Task.FromResult(500),
        };
        await platform.RegisterWebhook(company, receiver.Url + "/succeeds", ["succeeds"], [20]);
        await platform.RegisterWebhook(company, receiver.Url + "/exhausted", ["exhausted"], [20], attempts: 2);
        await platform.RegisterWebhook(company, receiver.Url + "/waits", ["waits"], [Far]);
        await platform.RegisterWebhook(company, receiver.Url + "/limited", ["limited"], [Far]);
        var disabled = await platform.RegisterWebhook(company, receiver.Url + "/disabled", ["disabled"], [Far]);
        var deleted = await platform.RegisterWebhook(company, receiver.Url + "/deleted", ["deleted"], [Far]);
        await platform.RegisterWebhook(company, receiver.Url + "/held", ["held"], [20]);

        // Twice two of each at a time: the load gives each type two numbers in a row, one of them with a key.
        var load = new Load(platform, company, "succeeds", "exhausted", "waits", "limited", "disabled", "deleted", "held");
        await load.Emit(EventsOfEachKind * 7, emitters: 1);
        await receiver.Has(EventsOfEachKind, "/held");
        // First, since on their way there these are pending after an attempt, too.
        await Listed(database, "exhausted and attempts = 2", EventsOfEachKind);
        await Listed(database, "pending and attempts = 1", 4 * EventsOfEachKind);
        await platform.Disable(disabled);
        await platform.Delete(deleted);
        await Listed(database, "succeeded", EventsOfEachKind);
        await Listed(database, "parked and attempts = 1", EventsOfEachKind);
        await Listed(database, "cancelled and attempts = 1", EventsOfEachKind);
        await Listed(database, "pending and attempts = 0", EventsOfEachKind);
        await Eventually.Is(() => Verdict.Scalar<bool>(database, "select not exists (select from delivery.sweeps)"), "every sweep is done");
        return company;
    }

    private static Task Listed(NpgsqlDataSource database, string condition, int deliveries)
    {
        var sql = condition.Replace("pending", "status = 0").Replace("succeeded", "status = 1").Replace("exhausted", "status = 2").Replace("cancelled", "status = 3").Replace("parked", "status = 4");
        return Eventually.Is(async () => await Verdict.Scalar<long>(database, $"select count(*) from read.deliveries where {sql}") == deliveries, $"{deliveries} deliveries are {condition}");
    }

    private static async Task<Dictionary<string, List<string>>> Dump(NpgsqlDataSource database)
    {
        var dump = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, rows) in Derived)
        {
            await using var command = database.CreateCommand(rows);
            await using var reader = await command.ExecuteReaderAsync();
            var texts = dump[name] = [];
            while (await reader.ReadAsync())
            {
                texts.Add(reader.GetString(0));
            }
        }

        return dump;
    }
}
