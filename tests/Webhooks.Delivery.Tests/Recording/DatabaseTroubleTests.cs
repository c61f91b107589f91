using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Recording;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recording;

/// <summary>A database that answers and can't write, and one that is lost at the commit: no outcome is given up, and nothing that may be committed is called refused.</summary>
public sealed class DatabaseTroubleTests(Installation installation) : IClassFixture<Installation>, IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly FactMeta _meta = new(installation.Company, null, Guid.NewGuid());
    private readonly WebhookId _webhook = new(Guid.CreateVersion7());
    private readonly List<string> _told = [];

    public void Dispose() => _meter.Dispose();

    private AppendWriter Writer(NpgsqlDataSource? source = null) =>
        new(source ?? installation.DataSource, new LogSignal(TimeProvider.System), new DatabaseClock(TimeProvider.System), Installation.Patient, TimeProvider.System, new AppendMetrics(_meter), NullLogger<AppendWriter>.Instance);

    private PendingAppend Append(bool isAccept)
    {
        var id = Guid.CreateVersion7();
        return new PendingAppend
        {
            IsAccept = isAccept,
            Facts = [new NewFact(id, 1, new EventEmitted("order.paid", DateTimeOffset.UnixEpoch, 2, "x", null, null, 0, Array.Empty<PlannedDelivery>()), _meta)],
        };
    }

    /// <summary>Numbers are drawn in a transaction of two round trips, whose COMMIT is a message of its own.</summary>
    private PendingAppend Numbered(RoutingCheck? routing = null)
    {
        var (message, delivery) = (Guid.CreateVersion7(), new DeliveryId(Guid.CreateVersion7()));
        return new PendingAppend
        {
            IsAccept = true,
            Facts = [new NewFact(message, 1, new EventEmitted("order.paid", DateTimeOffset.UnixEpoch, 2, "x", null, null, 1, new[] { new PlannedDelivery(delivery, _webhook) }), _meta)],
            Enqueue = [new QueueRow(delivery, 1, _webhook, new MessageId(message), 0, 0, 0, DateTimeOffset.MaxValue)],
            Numbered = [_webhook],
            Routing = routing,
            OnCommitted = () => _told.Add("committed"),
            OnUnknown = () => _told.Add("may be committed"),
            OnRefused = () => _told.Add("refused"),
        };
    }

    private async Task<int> Stored(PendingAppend append) => (await installation.Facts(append.Facts[0].StreamId)).Count;

    [Theory]
    [InlineData("53100")]
    [InlineData("53200")]
    [InlineData("25006")]
    [InlineData("57014")]
    [InlineData("55P03")]
    public async Task While_the_database_can_write_nothing_events_are_refused_and_outcomes_wait_until_it_can(string sqlState)
    {
        await installation.Scalar<int>($"""
            create sequence public.failures;
            create function public.fail() returns trigger language plpgsql as
              $$ begin perform nextval('public.failures'); raise exception 'no more can be written' using errcode = '{sqlState}'; end $$;
            create trigger failing before insert on es.events for each statement execute function public.fail();
            select 1
            """);
        await using var writer = Writer();
        var outcomes = Enumerable.Range(0, 20).Select(_ => Append(isAccept: false)).ToArray();
        var writing = Task.WhenAll(outcomes.Select(writer.Append));
        await Eventually.Is(async () => await installation.Scalar<long>("select last_value from public.failures") > 3, "it was tried again and again");
        Assert.IsType<AppendOutcome.Unavailable>(await writer.Append(Append(isAccept: true)));
        Assert.False(writing.IsCompleted);

        await installation.Scalar<int>("drop trigger failing on es.events; drop function public.fail; drop sequence public.failures; select 1");
        Assert.All(await writing, o => Assert.IsType<AppendOutcome.Committed>(o));
        foreach (var outcome in outcomes)
        {
            Assert.Equal(1, await Stored(outcome));
        }

        Assert.IsType<AppendOutcome.Committed>(await writer.Append(Append(isAccept: true)));
    }

    [Fact]
    public async Task Connections_to_a_server_that_may_only_read_are_not_used_again()
    {
        var role = $"\"{new NpgsqlConnectionStringBuilder(installation.ConnectionString).Username}\"";
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(installation.ConnectionString) { ApplicationName = "follower", MaxPoolSize = 3 }.ConnectionString);
        await installation.Scalar<int>($"do $$ begin execute format('alter role {role} in database %I set default_transaction_read_only = on', current_database()); end $$; select 1");
        await using var writer = Writer(source);
        var outcome = writer.Append(Append(isAccept: false));
        await Eventually.Is(async () => await installation.Scalar<bool>("select exists (select from pg_stat_activity where application_name = 'follower')"), "it has connected");

        await installation.Scalar<int>($"begin read write; do $$ begin execute format('alter role {role} in database %I reset default_transaction_read_only', current_database()); end $$; commit; select 1");
        Assert.IsType<AppendOutcome.Committed>(await outcome.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task An_event_whose_commit_is_found_later_has_the_numbers_that_it_was_committed_with()
    {
        var (asked, landing) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new SeveringProxy(installation.ConnectionString, async (server, commit) =>
        {
            asked.SetResult();
            await landing.Task;
            await server.SendAsync(commit);
            await server.ReceiveAsync(new byte[1024]);
        });
        await using var source = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var writer = Writer(source);
        var append = Numbered();
        var writing = writer.Append(append);
        await Eventually.Arrives(asked.Task, "the commit is on its way");
        await Eventually.Is(
            async () => await installation.Scalar<bool>("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%delivery.sequences%' and datname = current_database())"),
            "it is written again while the first commit is still on its way");
        landing.SetResult();

        Assert.IsType<AppendOutcome.Committed>(await writing);
        Assert.Equal(["committed"], _told);
        var stored = (EventEmitted)Assert.Single(await installation.Facts(append.Facts[0].StreamId));
        Assert.Equal(1, stored.Deliveries[0].Sequence);
        Assert.Equal(1, append.Enqueue[0].Sequence);
        var next = Numbered();
        Assert.IsType<AppendOutcome.Committed>(await writer.Append(next));
        Assert.Equal(2, next.Enqueue[0].Sequence);
    }

    [Fact]
    public async Task An_event_that_may_be_committed_is_not_called_refused()
    {
        await using var proxy = new SeveringProxy(installation.ConnectionString, (server, commit) => server.SendAsync(commit).AsTask()) { RefusesConnectionsLater = true };
        await using var source = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var writer = Writer(source);
        var append = Numbered();

        Assert.IsType<AppendOutcome.Unknown>(await writer.Append(append));
        Assert.Equal(["may be committed", "refused"], _told);
        await Eventually.Is(async () => await Stored(append) == 1, "the commit has landed");
        Assert.IsType<AppendOutcome.Unavailable>(await writer.Append(Numbered()));
        Assert.Equal("refused", Assert.Single(_told[2..]));
    }

    [Fact]
    public async Task What_may_be_committed_ends_as_committed_or_as_unknown()
    {
        foreach (var end in new AppendOutcome[] { AppendOutcome.Unavailable.Instance, AppendOutcome.RoutingMoved.Instance, new AppendOutcome.ShardsMoved(new Dictionary<short, long>()) })
        {
            var append = Append(isAccept: true);
            append.MayBeCommitted = true;
            append.Complete(end);
            Assert.Same(AppendOutcome.Unknown.Instance, await append.Completion);
        }
    }

    [Fact]
    public async Task An_event_that_may_be_committed_is_not_matched_anew_where_its_webhooks_have_changed()
    {
        var company = new CompanyId(Guid.CreateVersion7());
        await installation.Register(new Uri("http://127.0.0.1:1/"), company: company);
        var version = await installation.Scalar<long>($"select version from delivery.routing_versions where company_id = '{company.Value}'");
        var (asked, landing) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new SeveringProxy(installation.ConnectionString, async (server, commit) =>
        {
            await installation.Scalar<long>($"update delivery.routing_versions set version = version + 1 where company_id = '{company.Value}' returning version");
            asked.SetResult();
            await landing.Task;
            await server.SendAsync(commit);
            await server.ReceiveAsync(new byte[1024]);
        });
        await using var source = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var writer = Writer(source);
        var append = Numbered(new RoutingCheck(company, version));
        var writing = writer.Append(append);
        await Eventually.Arrives(asked.Task, "the commit is on its way");
        await Eventually.Is(
            async () => await installation.Scalar<bool>("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%delivery.sequences%' and datname = current_database())"),
            "it is written again while the first commit is still on its way");
        landing.SetResult();

        Assert.IsType<AppendOutcome.Committed>(await writing);
        Assert.Equal(1, await Stored(append));
    }
}
