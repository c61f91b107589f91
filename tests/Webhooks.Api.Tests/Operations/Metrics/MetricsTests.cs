using System.Text;
using Webhooks.Api.Tests.Messages;
using Webhooks.Domain.Tests;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Operations.Metrics;

public sealed class MetricsTests(Platform platform) : IClassFixture<Platform>
{
    private const string Attempts = "select count(*) from es.events where type in ('delivery.succeeded.v1', 'delivery.failed.v1')";

    [Fact]
    public async Task What_is_scraped_while_it_delivers_is_well_formed_and_in_the_end_what_the_database_says()
    {
        var tenant = await platform.GivenTenant();
        var (good, bad) = (Tenant.NewPath(), Tenant.NewPath());
        platform.Receiver.Answer(bad, _ => new Reply(503, []));
        await tenant.GivenWebhook(good);
        await tenant.GivenWebhook(bad, "\"late\"", maxAttempts: 5);
        await tenant.GivenWebhook(bad, "\"hopeless\"", maxAttempts: 1);
        var before = await Scrape();
        await Eventually.Is(async () => (before = await Scrape()).Sum("webhooks_attempts_total") == await Count(Attempts), "what was attempted before is counted");

        var emitting = Task.WhenAll(Enumerable.Range(0, 300).Select(i => tenant.Accepted(i % 10 == 0 ? "late" : i % 10 == 1 ? "hopeless" : "fine", "{}", $"e{i}")));
        var attempts = 0.0;
        while (!emitting.IsCompleted)
        {
            var now = await Scrape();
            Assert.InRange(now.Sum("webhooks_attempts_total"), attempts, double.MaxValue);
            attempts = now.Sum("webhooks_attempts_total");
        }

        await emitting;
        (await tenant.Emit("""{"type":"fine","payload":1,"id":"e2"}""")).ExpectProblem(409, "idempotency_key.taken");
        await tenant.Accepted("fine", "{}", "e2");
        var after = before;
        await Eventually.Is(async () => (after = await Scrape()).Sum("webhooks_attempts_total") - before.Sum("webhooks_attempts_total") == 360, "every delivery has had its first attempt");

        // The end of a delivery is counted after its attempt; and two webhooks only fail, and that each is degraded is an event too.
        await Eventually.Is(
            async () =>
            {
                after = await Scrape();
                return after.Sum("webhooks_deliveries_ended_total") - before.Sum("webhooks_deliveries_ended_total") >= 330 && Grown("webhooks_events_accepted_total") >= 302;
            },
            "the ends and both notices are counted");
        Assert.Equal(302, Grown("webhooks_events_accepted_total"));
        Assert.Equal(1, Grown("webhooks_events_refused_total{reason=\"idempotency_key.taken\"}"));
        Assert.Equal(300, Grown("webhooks_attempts_total{outcome=\"succeeded\",status_class=\"2xx\"}"));
        Assert.Equal(60, Grown("webhooks_attempts_total{outcome=\"status\",status_class=\"5xx\"}"));
        Assert.Equal(300, Grown("webhooks_deliveries_ended_total{status=\"succeeded\"}"));
        Assert.Equal(30, Grown("webhooks_deliveries_ended_total{status=\"exhausted\"}"));
        Assert.Equal(360, Grown("webhooks_first_attempt_delay_seconds_count"));
        Assert.Equal(300, Grown("webhooks_delivery_duration_seconds_count"));
        Assert.Equal(64, after["webhooks_shards_owned"]);

        // The numbers since the start are the log's.
        Assert.Equal(await Count("select count(*) from es.events where type = 'message.emitted.v1'"), after["webhooks_events_accepted_total"]);
        Assert.Equal(await Count(Attempts), after.Sum("webhooks_attempts_total"));

        // What is counted in the database follows within seconds.
        await Eventually.Is(async () => (await Scrape()).Find("webhooks_queue_deliveries{state=\"scheduled\"}") == 30, "the waiting retries are seen");
        await Eventually.Is(async () => (await Scrape()).Find("webhooks_projection_lag_facts{projection=\"deliveries\"}") == 0, "the read model is seen to have caught up");
        await Eventually.Is(async () => (await Scrape())["webhooks_deliveries_in_memory"] == 0, "memory is empty again");
        Assert.NotEmpty(after.SamplesOf("db_client_connection_count"));
        Assert.True(after["dotnet_process_memory_working_set_bytes"] > 0);

        double Grown(string sample) => after[sample] - (before.Find(sample) ?? 0);
    }

    [Fact]
    public async Task No_sample_names_a_company_a_webhook_or_an_address()
    {
        var tenant = await platform.GivenTenant();
        var sid = await tenant.GivenWebhook(Tenant.NewPath());
        await tenant.Delivery(await tenant.Accepted("fine", "{}"), "succeeded");
        var text = (await platform.Service.Send(HttpMethod.Get, "/metrics", (string?)null, null)).Text;
        Assert.DoesNotContain(sid, text, StringComparison.Ordinal);
        Assert.DoesNotContain(tenant.Company, text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Username", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/tmp/", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_is_of_the_text_formats_type_and_needs_no_key()
    {
        var answer = await platform.Service.Send(HttpMethod.Get, "/metrics", (string?)null, null);
        Assert.Equal(200, answer.Status);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task A_worker_tells_its_numbers_too()
    {
        await using var worker = new RunningService { Settings = { ["Webhooks:Role"] = "worker" } };
        await worker.InitializeAsync();
        Assert.Equal(64, Exposition.Parse((await worker.Send(HttpMethod.Get, "/metrics", (string?)null, null)).Text)["webhooks_shards_owned"]);
    }

    [Fact]
    public async Task An_admin_key_reads_where_it_is_needed_and_no_other_does()
    {
        await using var service = new RunningService { Settings = { ["Webhooks:Telemetry:Metrics"] = "admin" } };
        await service.InitializeAsync();
        (await service.Send(HttpMethod.Get, "/metrics", (string?)null, null)).ExpectProblem(401, "auth.missing");
        Assert.Equal(200, (await service.Get("/metrics")).Status);
        var key = await service.GivenKey(await service.GivenCompany(), "emit", "manage", "read");
        (await service.Get("/metrics", key)).ExpectProblem(403, "auth.scope");
    }

    [Fact]
    public async Task Switched_off_there_is_no_such_path()
    {
        await using var service = new RunningService { Settings = { ["Webhooks:Telemetry:Metrics"] = "off" } };
        await service.InitializeAsync();
        (await service.Get("/metrics")).ExpectProblem(404, "route.not_found");
    }

    /// <summary>To write it anew: <c>WEBHOOKS_REGENERATE=1</c>.</summary>
    [Fact]
    public async Task The_document_lists_every_metric_as_the_service_tells_it()
    {
        var path = Path.Combine(Repository.Root, "docs", "metrics.md");
        var table = new StringBuilder("| name | type | what |\n|---|---|---|\n");
        foreach (var (name, (type, help)) in (await Scrape()).Families.Where(f => f.Key.StartsWith("webhooks_", StringComparison.Ordinal)))
        {
            table.Append($"| `{name}` | {type} | {help} |\n");
        }

        var document = await File.ReadAllTextAsync(path);
        const string Begin = "<!-- metrics -->\n", End = "<!-- /metrics -->";
        var (begin, end) = (document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, document.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= Begin.Length && end >= begin, "docs/metrics.md lacks its markers.");
        var current = document[..begin] + table + document[end..];
        if (Repository.Regenerate)
        {
            await File.WriteAllTextAsync(path, current);
            return;
        }

        Assert.True(current == document, "docs/metrics.md lists other metrics than the service tells; run this test with WEBHOOKS_REGENERATE=1.");
    }

    private async Task<Exposition> Scrape()
    {
        var answer = await platform.Service.Send(HttpMethod.Get, "/metrics", (string?)null, null);
        Assert.Equal(200, answer.Status);
        return Exposition.Parse(answer.Text);
    }

    private async Task<double> Count(string sql)
    {
        await using var command = platform.Service.Database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
