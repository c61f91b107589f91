using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Rebuilding;
using Webhooks.Testing;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Rebuilding;

public sealed class RebuildTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const string Empty = """
        truncate es.events, es.checkpoints, read.companies, read.api_keys, read.deliveries, read.webhooks, read.event_types,
            delivery.queue, delivery.idempotency_keys, delivery.routing_versions, delivery.sweeps
        """;

    private static readonly string[] ReadModels = ["read.companies", "read.api_keys", "read.webhooks", "read.event_types", "read.deliveries"];

    [Fact]
    public async Task What_was_dropped_comes_back_byte_by_byte()
    {
        await database.Execute(Empty);
        var story = new Story(seed: 3);
        await database.Append(Meta.Company.Value, 0, Meta, new CompanyRegistered("acme", "Acme"), new ApiKeyIssued(new ApiKeyId(Id(6)), "first", Scopes.Read, [1, 2]), new ApiKeyRevoked(new ApiKeyId(Id(6))));
        await database.Append(
            EventTypeId.Of(Meta.Company, "a").Value, 0, Meta, new EventTypeDefined(Meta.Company, "a", new EventTypeDefinition("")), new EventTypeDeprecated("x", null), new EventTypeChanged(new EventTypeDefinition("y")));
        await story.Register(database);
        await story.Go(database, 300);
        await database.Project(pageSize: 50);
        var before = await Texts();
        await database.Execute("truncate read.companies, read.api_keys, read.webhooks, read.event_types, read.deliveries");

        var done = Assert.IsType<RebuildResult.Done>(await database.Rebuild.Everything(new Reports(), default));

        Assert.Equal(before, await Texts());
        Assert.Equal([RebuildParts.Registrations, RebuildParts.Deliveries, RebuildParts.Schedule], done.Parts.Select(p => p.Part));
        Assert.All(done.Parts, p => Assert.True(p.FactsRead == p.FactsTotal && p.RowsWritten > 0));
        Assert.Equal(await database.Scalar<long>("select count(*) from es.events"), done.Parts[1].FactsRead);
    }

    [Fact]
    public async Task The_subscription_goes_on_where_the_rebuilt_table_ends()
    {
        await database.Execute(Empty);
        await database.Append(Id(50), 0, Meta, Emitted("a", Plan(51)));
        await database.Project();
        await database.Rebuild.Deliveries(new Reports(), default);

        await database.Append(Id(51), 0, Meta, Succeeded(1));
        await database.Project();

        Assert.Equal((short)DeliveryStatus.Succeeded, await database.Scalar<short>("select status from read.deliveries"));
        Assert.Equal("deliveries", await database.Scalar<string>("select string_agg(name, ',') from es.checkpoints"));
    }

    [Fact]
    public async Task A_rebuilt_table_has_the_key_and_indexes_of_the_old_one()
    {
        const string Definitions = "(select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'read.deliveries'::regclass) i";
        var before = await database.Text(Definitions);

        await database.Rebuild.Deliveries(new Reports(), default);

        Assert.Equal(before, await database.Text(Definitions));
        Assert.Contains("deliveries_unsuccessful_by_webhook", before);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from pg_namespace where nspname = 'read_next'"));
    }

    [Fact]
    public async Task A_rebuild_that_was_broken_off_is_no_hindrance_to_the_next()
    {
        await database.Execute(Empty);
        await database.Append(Id(60), 0, Meta, Emitted("a", Plan(61)));
        await database.Project();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Rebuild.Deliveries(new Reports(_ => stop.Cancel()), stop.Token));
        Assert.Equal(1, await database.Scalar<long>("select count(*) from read.deliveries"));

        Assert.IsType<RebuildResult.Done>(await database.Rebuild.Deliveries(new Reports(), default));

        Assert.Equal(1, await database.Scalar<long>("select count(*) from read.deliveries"));
    }

    [Fact]
    public async Task Of_two_rebuilds_at_a_time_the_second_is_refused()
    {
        var at = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await database.Execute(Empty);
        await database.Append(Id(70), 0, Meta, Emitted("a", Plan(71)));
        using var goOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Task.Run(() => database.Rebuild.Deliveries(new Reports(_ => { begun.TrySetResult(true); goOn.Wait(); }), default));
        await Eventually.Arrives(begun.Task, "the first rebuild is under way");

        var second = await database.Rebuild.Registrations(new Reports(), default);
        goOn.Set();

        Assert.IsType<RebuildResult.AlreadyRunning>(second);
        Assert.IsType<RebuildResult.Done>(await first);
        Assert.IsType<RebuildResult.Done>(await database.Rebuild.Registrations(new Reports(), default));
    }

    [Fact]
    public async Task The_schedule_is_not_rebuilt_under_a_node_at_work()
    {
        await database.Execute(Empty);
        await database.Append(Id(75), 0, Meta, Created(Configuration()));
        await using var node = await database.DataSource.OpenConnectionAsync();
        await using var holdLock = new NpgsqlCommand("select pg_advisory_lock(7301, 1)", node);
        await holdLock.ExecuteNonQueryAsync();

        Assert.IsType<RebuildResult.NodesAtWork>(await database.Rebuild.Everything(new Reports(), default));

        Assert.Equal(1, await database.Scalar<long>("select count(*) from delivery.routing_versions"));
        await using var release = new NpgsqlCommand("select pg_advisory_unlock(7301, 1)", node);
        await release.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Every_unfinished_delivery_is_scheduled_again_and_no_finished_one()
    {
        await database.Execute(Empty);
        var later = new DateTimeOffset(2040, 5, 6, 7, 8, 9, TimeSpan.Zero);
        await database.Append(Id(80), 0, Meta, Emitted("a", [.. Enumerable.Range(81, 8).Select(Plan)]));
        await database.Append(Id(82), 0, Meta, Failed(1, Start), Failed(2, later));
        await database.Append(Id(83), 0, Meta, Failed(1, later), new DeliveryDeferred(DeferredReason.WebhookDisabled));
        await database.Append(Id(84), 0, Meta, Succeeded(1));
        await database.Append(Id(85), 0, Meta, Failed(1, null), new DeliveryExhausted());
        await database.Append(Id(86), 0, Meta, new DeliveryCancelled(CancelledReason.WebhookDeleted));
        await database.Append(Id(87), 0, Meta, Failed(1, null), new DeliveryExhausted(), new ResendRequested(later));
        await database.Append(Id(88), 0, Meta, Succeeded(1), new ResendRequested(Start), Failed(2, later));

        await database.Rebuild.Everything(new Reports(), default);

        Assert.Equal([81, 82, 83, 87, 88], await Scheduled());
        Assert.Equal((0, 0, 0), await Counters(81));
        Assert.Equal((2, 2, 2), await Counters(82));
        Assert.Equal((2, 1, 1), await Counters(83));
        Assert.Equal((3, 1, 0), await Counters(87));
        Assert.Equal((3, 2, 1), await Counters(88));
        Assert.True(await Due(81, "due_at <= now()"));
        Assert.True(await Due(82, "due_at = '2040-05-06 07:08:09+00'"));
        Assert.True(await Due(83, "due_at = 'infinity'"));
        Assert.True(await Due(87, "due_at = '2040-05-06 07:08:09+00'"));
        Assert.True(await Due(88, "due_at = '2040-05-06 07:08:09+00' and shard between 0 and 63"));
    }

    [Fact]
    public async Task The_schedule_knows_again_what_retry_policies_ask_about()
    {
        await database.Execute(Empty);
        var (began, later) = (new DateTimeOffset(2040, 5, 6, 7, 8, 0, TimeSpan.Zero), new DateTimeOffset(2040, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await database.Append(Id(80), 0, Meta, Emitted("a", [.. Enumerable.Range(81, 4).Select(Plan)]));
        await database.Append(
            Id(81), 0, Meta,
            new AttemptFailed(Attempt(1, null, FailureClass.Reset), later) { SeriesStartedAt = began },
            new AttemptFailed(Attempt(2, null, FailureClass.Timeout), later),
            new AttemptFailed(Attempt(3, 429, FailureClass.Status), later) { SpentNoAttempt = true },
            Failed(4, later));
        await database.Append(Id(82), 0, Meta, new AttemptFailed(Attempt(1, null, FailureClass.Reset), null), new DeliveryExhausted(), new ResendRequested(began), Failed(2, later));
        await database.Append(Id(83), 0, Meta, new AttemptFailed(Attempt(1, null, FailureClass.Reset), later) { SeriesStartedAt = began }, new DeliveryDeferred(DeferredReason.WebhookDisabled));
        await database.Append(Id(84), 0, Meta, Failed(1, later));

        await database.Rebuild.Everything(new Reports(), default);

        const string Columns = "delivery_id, failures, network_failures, timeout_failures, unspent, series_started_at at time zone 'utc', resent_at at time zone 'utc'";
        Assert.Equal(
            $"({Id(81)},3,1,1,1,\"2040-05-06 07:08:00\",)|({Id(82)},1,,,,,\"2040-05-06 07:08:00\")|({Id(83)},1,1,,,,)|({Id(84)},1,,,,,)",
            await database.Scalar<string>($"select string_agg(r::text, '|' order by delivery_id) from (select {Columns} from delivery.queue) r"));
    }

    [Fact]
    public async Task A_companys_settings_come_back_and_count_for_its_routing_version()
    {
        await database.Execute(Empty);
        var patient = new CompanySettings { DefaultRetryPolicy = new FixedRetry(7_000) };
        await database.Append(Meta.Company.Value, 0, Meta, new CompanyRegistered("acme", "Acme"), new CompanySettingsChanged(patient));
        await database.Append(Id(92), 0, Meta, Created(Configuration()));
        var before = (await database.Text("read.companies"), await database.Text("delivery.routing_versions", "company_id, version"));
        Assert.Contains($"({Meta.Company.Value},", before.Item2, StringComparison.Ordinal);
        Assert.Equal(patient, (await new CompanyQueries(database.DataSource).Find(Meta.Company, default))!.Settings);

        await database.Execute("truncate read.companies");
        await database.Rebuild.Everything(new Reports(), default);

        Assert.Equal(before, (await database.Text("read.companies"), await database.Text("delivery.routing_versions", "company_id, version")));
        await database.Append(Meta.Company.Value, 2, Meta, new CompanySettingsChanged(CompanySettings.None));
        Assert.True(await database.Scalar<bool>("select settings is null and version = 3 from read.companies"));
    }

    [Fact]
    public async Task Idempotency_keys_and_routing_versions_come_back_from_the_log()
    {
        await database.Execute(Empty);
        await database.Append(Id(90), 0, Meta, Emitted("a") with { IdempotencyKey = "order \"7\" ü", Fingerprint = "Zg==" });
        await database.Append(Id(91), 0, Meta, Emitted("a"));
        await database.Append(Id(92), 0, Meta, Created(Configuration()));
        await database.Append(Id(92), 2, Meta, new WebhookDisabled(DisabledReason.Manual));
        var routing = await database.Text("delivery.routing_versions", "company_id, version");

        await database.Rebuild.Everything(new Reports(), default);

        Assert.Equal($"({Meta.Company.Value},3)", routing);
        Assert.Equal(routing, await database.Text("delivery.routing_versions", "company_id, version"));
        Assert.Equal($"({Meta.Company.Value},\"order \"\"7\"\" ü\",{Id(90)},Zg==)", await database.Text("delivery.idempotency_keys"));
    }

    [Fact]
    public async Task A_sweep_that_was_asked_for_and_not_made_is_asked_for_again()
    {
        await database.Execute(Empty);
        await database.Append(Id(99), 0, Meta, Created(Configuration()));
        await database.Append(Id(95), 0, Meta, Emitted("a", Plan(96)));
        await database.Append(Id(99), 2, Meta, new WebhookDisabled(DisabledReason.Manual));

        await database.Rebuild.Everything(new Reports(), default);
        Assert.Equal($"({Id(99)},{Meta.Company.Value})", await database.Text("delivery.sweeps", "webhook_id, company_id"));

        await database.Append(Id(96), 0, Meta, new DeliveryDeferred(DeferredReason.WebhookDisabled));
        await database.Rebuild.Everything(new Reports(), default);
        Assert.Equal("", await database.Text("delivery.sweeps"));
    }

    [Fact]
    public async Task A_webhook_that_is_paused_is_probed_after_it()
    {
        var at = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await database.Execute(Empty);
        await database.Append(Id(70), 0, Meta, [.. Created(Configuration()), new WebhookPaused(at, at, 20, at.AddHours(1))]);
        await database.Append(Id(71), 0, Meta, [.. Created(Configuration()), new WebhookPaused(at, at, 20, at.AddHours(1)), new WebhookRecovered(at)]);
        await database.Execute("delete from delivery.pauses");

        await database.Rebuild.Everything(new Reports(), default);
        Assert.Equal($"({Id(70)},{Meta.Company.Value},0)", await database.Text("delivery.pauses", "webhook_id, company_id, probes"));
    }

    private static PlannedDelivery Plan(int id) => new(new DeliveryId(Id(id)), new WebhookId(Id(99)));

    private async Task<(int Version, int Attempts, int Failures)> Counters(int id)
    {
        await using var command = database.DataSource.CreateCommand("select version, attempts, failures from delivery.queue where delivery_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Id(id) });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    private Task<bool> Due(int id, string condition) => database.Scalar<bool>($"select {condition} from delivery.queue where delivery_id = '{Id(id)}'");

    private async Task<List<int>> Scheduled()
    {
        var ids = (await database.Scalar<Guid[]>("select array_agg(delivery_id order by delivery_id) from delivery.queue")).ToList();
        return [.. Enumerable.Range(81, 8).Where(i => ids.Contains(Id(i)))];
    }

    private async Task<string[]> Texts() => await Task.WhenAll(ReadModels.Select(t => database.Text(t)));

    /// <summary>Unlike <see cref="Progress{T}"/>, reports at once and in order.</summary>
    private sealed class Reports(Action<RebuildProgress>? then = null) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => then?.Invoke(value);
    }
}
