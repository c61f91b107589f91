using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Recording;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Tests.Recording;

/// <summary>Group commit: strangers share a transaction, and nobody pays for another's fault.</summary>
public sealed class AppendWriterTests(Installation installation) : IClassFixture<Installation>, IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly FactMeta _meta = new(installation.Company, null, Guid.NewGuid());

    public void Dispose() => _meter.Dispose();

    private AppendWriter Writer(NpgsqlDataSource? source = null) =>
        new(source ?? installation.DataSource, new LogSignal(TimeProvider.System), new DatabaseClock(TimeProvider.System), Installation.Patient, TimeProvider.System, new AppendMetrics(_meter), NullLogger<AppendWriter>.Instance);

    private PendingAppend Accept(Guid? stream = null, int version = 1, string? key = null, string fingerprint = "f", RoutingCheck? routing = null, string type = "order.paid")
    {
        var id = stream ?? Guid.CreateVersion7();
        return new PendingAppend
        {
            IsAccept = true,
            Facts = [new NewFact(id, version, new EventEmitted(type, DateTimeOffset.UnixEpoch, 2, "x", key, key is null ? null : fingerprint, 0, Array.Empty<PlannedDelivery>()), _meta)],
            Payload = version == 1 ? new PayloadRow(new MessageId(id), installation.Company, type, DateTimeOffset.UnixEpoch, "{}"u8.ToArray()) : null,
            Idempotency = key is null ? null : new IdempotencyRow(installation.Company, key, new MessageId(id), fingerprint),
            Routing = routing,
        };
    }

    private async Task<int> Stored(PendingAppend append) => (await installation.Facts(append.Facts[0].StreamId)).Count;

    [Fact]
    public async Task Appends_of_one_moment_share_transactions()
    {
        await using var writer = Writer();
        var before = await installation.Scalar<long>("select count(distinct tx) from es.events");
        var appends = Enumerable.Range(0, 500).Select(_ => Accept()).ToArray();
        var outcomes = await Task.WhenAll(appends.Select(writer.Append));
        Assert.All(outcomes, o => Assert.IsType<AppendOutcome.Committed>(o));
        var after = await installation.Scalar<long>("select count(distinct tx) from es.events");
        Assert.InRange(after - before, 1, 250);
    }

    [Fact]
    public async Task A_version_conflict_is_its_own_members_alone()
    {
        await using var writer = Writer();
        var first = Accept();
        await writer.Append(first);
        var late = Accept(first.Facts[0].StreamId, type: "something.else");
        var others = Enumerable.Range(0, 50).Select(_ => Accept()).ToArray();
        var all = await Task.WhenAll(others.Take(25).Append(late).Concat(others.Skip(25)).Select(writer.Append));
        Assert.Single(all, o => o is AppendOutcome.VersionConflict);
        Assert.IsType<AppendOutcome.VersionConflict>(await late.Completion);
        foreach (var other in others)
        {
            Assert.Equal(1, await Stored(other));
        }
    }

    [Fact]
    public async Task A_known_idempotency_key_is_answered_with_its_message_and_leaves_nothing_behind()
    {
        await using var writer = Writer();
        var first = Accept(key: "order-1", fingerprint: "same");
        await writer.Append(first);
        var repeat = Accept(key: "order-1", fingerprint: "same");
        var other = Accept(key: "order-2");
        var outcomes = await Task.WhenAll(writer.Append(repeat), writer.Append(other));
        var duplicate = Assert.IsType<AppendOutcome.DuplicateKey>(outcomes[0]);
        Assert.Equal((first.Facts[0].StreamId, "same"), (duplicate.Message.Value, duplicate.Fingerprint));
        Assert.IsType<AppendOutcome.Committed>(outcomes[1]);
        Assert.Equal(0, await Stored(repeat));
    }

    [Fact]
    public async Task Fifty_requests_with_one_key_become_one_message()
    {
        await using var writer = Writer();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => writer.Append(Accept(key: "race"))));
        Assert.Single(outcomes, o => o is AppendOutcome.Committed);
        Assert.Single(outcomes.OfType<AppendOutcome.DuplicateKey>().Select(d => d.Message).Distinct());
        Assert.Equal(49, outcomes.OfType<AppendOutcome.DuplicateKey>().Count());
    }

    [Fact]
    public async Task Requests_with_one_key_take_one_place_in_one_batch_and_share_its_outcome()
    {
        var intake = new AppendIntake(new AppendRoom(new DeliveryOptions(), TimeProvider.System));
        var (twins, other) = (Enumerable.Range(0, 900).Select(_ => Accept(key: "once")).ToArray(), Accept(key: "twice"));
        Assert.All(twins.Append(other), append => Assert.True(intake.TryAdd(append)));
        intake.Close();

        var batch = new List<PendingAppend>();
        intake.Take(batch);
        Assert.Equal([twins[0], other], batch);
        Assert.False(await intake.HasMore());

        twins[0].Complete(AppendOutcome.Committed.Instance);
        var expected = new AppendOutcome.DuplicateKey(twins[0].Idempotency!.Message, "f") { Emitted = (EventEmitted)twins[0].Facts[0].Fact };
        Assert.All(await Task.WhenAll(twins.Skip(1).Select(t => t.Completion)), outcome => Assert.Equal(expected, outcome));
        Assert.False(other.Completion.IsCompleted);
    }

    [Fact]
    public async Task Matching_against_an_old_routing_version_is_told_and_writes_nothing()
    {
        var company = new CompanyId(Guid.CreateVersion7());
        await installation.Register(new Uri("http://127.0.0.1:1/"), company: company);
        var now = await installation.Scalar<long>($"select version from delivery.routing_versions where company_id = '{company.Value}'");
        await using var writer = Writer();
        var stale = Accept(routing: new RoutingCheck(company, now - 1));
        var current = Accept(routing: new RoutingCheck(company, now));
        var stranger = Accept();
        var outcomes = await Task.WhenAll(writer.Append(stale), writer.Append(current), writer.Append(stranger));
        Assert.IsType<AppendOutcome.RoutingMoved>(outcomes[0]);
        Assert.IsType<AppendOutcome.Committed>(outcomes[1]);
        Assert.IsType<AppendOutcome.Committed>(outcomes[2]);
        Assert.Equal(0, await Stored(stale));
    }

    [Fact]
    public async Task A_value_that_the_database_rejects_fails_its_own_append_alone()
    {
        await using var writer = Writer();
        var poisoned = new PendingAppend
        {
            IsAccept = true,
            Facts = Accept().Facts,
            Payload = new PayloadRow(new MessageId(Guid.CreateVersion7()), installation.Company, "nul\0type", DateTimeOffset.UnixEpoch, []),
        };
        var refused = false;
        var others = Enumerable.Range(0, 40).Select(_ => Accept()).ToArray();
        var tasks = others.Take(20).Append(poisoned).Concat(others.Skip(20)).Select(writer.Append).ToArray();
        var failure = await Assert.ThrowsAsync<PostgresException>(() => poisoned.Completion);
        refused = failure.SqlState == PostgresErrorCodes.CharacterNotInRepertoire;
        Assert.True(refused);
        foreach (var other in others)
        {
            Assert.IsType<AppendOutcome.Committed>(await other.Completion);
        }

        Assert.Equal(0, await Stored(poisoned));
        Assert.Equal(41, tasks.Length);
    }

    [Fact]
    public async Task Connections_killed_again_and_again_lose_nothing_and_double_nothing()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(installation.ConnectionString) { ApplicationName = "victim" }.ConnectionString);
        await using var writer = Writer(source);
        var outcomes = new List<PendingAppend>();
        for (var round = 0; round < 20; round++)
        {
            // Outcomes, not accepts: they have to get through whatever happens.
            var appends = Enumerable.Range(0, 50).Select(_ => new PendingAppend { IsAccept = false, Facts = Accept().Facts }).ToArray();
            outcomes.AddRange(appends);
            var writing = Task.WhenAll(appends.Select(writer.Append));
            await installation.Scalar<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'victim'");
            Assert.All(await writing, o => Assert.IsType<AppendOutcome.Committed>(o));
        }

        foreach (var append in outcomes)
        {
            Assert.Equal(1, await Stored(append));
        }
    }

    [Fact]
    public async Task Without_a_database_accepts_are_refused_and_outcomes_wait_for_it()
    {
        using var closed = new Webhooks.Testing.ClosedPort();
        await using var nowhere = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={closed.Port};Username=nobody;Timeout=2");
        var writer = Writer(nowhere);
        var told = new List<string>();
        var accept = new PendingAppend { IsAccept = true, Facts = Accept().Facts, OnUnknown = () => told.Add("may be committed"), OnRefused = () => told.Add("refused") };
        var outcome = new PendingAppend { IsAccept = false, Facts = Accept().Facts };
        _ = writer.Append(outcome);
        Assert.IsType<AppendOutcome.Unavailable>(await writer.Append(accept));
        Assert.Equal("refused", told[^1]);
        Assert.False(outcome.Completion.IsCompleted);

        await writer.DisposeAsync();
        Assert.IsType<AppendOutcome.Unavailable>(await outcome.Completion);
    }
}
