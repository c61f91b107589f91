using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recording;

/// <summary>While the database does not follow, what waits for it is bounded, in number, bytes and time.</summary>
public sealed class BackPressureTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task Beyond_so_many_bytes_new_events_are_refused_until_what_waits_is_written()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        await using var writer = new AppendWriter(
            installation.DataSource, new LogSignal(TimeProvider.System), new DatabaseClock(TimeProvider.System),
            new DeliveryOptions { MaxWaitingAppendBytes = 100_000, AcceptTimeout = TimeSpan.FromSeconds(300) }, TimeProvider.System, new AppendMetrics(meter), NullLogger<AppendWriter>.Instance);
        await using var log = await LockedLog.Of(installation);
        var waiting = new List<Task<AppendOutcome>> { writer.Append(Accept(60_000)), writer.Append(Accept(60_000)) };
        Assert.IsType<AppendOutcome.Unavailable>(await writer.Append(Accept(1)));

        await log.Release();
        Assert.All(await Task.WhenAll(waiting), o => Assert.IsType<AppendOutcome.Committed>(o));
        Assert.IsType<AppendOutcome.Committed>(await writer.Append(Accept(60_000)));
    }

    [Fact]
    public async Task An_event_is_given_up_in_time_whole_where_it_waits_and_unknown_where_it_is_being_written()
    {
        await using var ground = await Ground.Of(installation);
        var clock = new FakeClock(DateTimeOffset.UtcNow);
        var node = await ground.StartNode(o => o with { AcceptTimeout = TimeSpan.FromSeconds(2), Lease = TimeSpan.FromSeconds(300) }, time: clock);
        await ground.Register(c => c);
        await ground.Emit(node);
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the first delivery is recorded");
        await using var log = await LockedLog.Of(installation);
        var written = Emit(node, ground.Company);
        await Eventually.Is(log.KeepsAWriterWaiting, "the writer waits for the log");
        var waits = Emit(node, ground.Company);
        clock.Advance(TimeSpan.FromSeconds(2.1));

        Assert.IsType<EmitOutcome.Unknown>(await written);
        Assert.IsType<EmitOutcome.Unavailable>(await waits);
        Assert.IsType<EmitOutcome.Unavailable>(await Emit(node, ground.Company));

        await log.Release();
        await ground.Receiver.HasReceived(2);
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the delivery is recorded");
        Assert.Equal(2, await installation.Scalar<long>($"select count(*) from es.payloads where company_id = '{ground.Company.Value}'"));
        Assert.Equal(2, ground.Receiver.Requests.Count);
        Assert.IsType<EmitOutcome.Accepted>(await Emit(node, ground.Company));
    }

    private static Task<EmitOutcome> Emit(DeliveryNode node, CompanyId company) =>
        node.Acceptance.Emit(new EventToEmit(company, "order.paid", Encoding.UTF8.GetBytes("{}"), null, null, Guid.NewGuid()), default);

    private PendingAppend Accept(int bytes)
    {
        var id = Guid.CreateVersion7();
        return new PendingAppend
        {
            IsAccept = true,
            Facts = [new NewFact(id, 1, new EventEmitted("order.paid", DateTimeOffset.UnixEpoch, bytes, "x", null, null, 0, Array.Empty<PlannedDelivery>()), new FactMeta(installation.Company, null, Guid.NewGuid()))],
            Payload = new PayloadRow(new MessageId(id), installation.Company, "order.paid", DateTimeOffset.UnixEpoch, new byte[bytes]),
        };
    }

    /// <summary>The log stands still for writers, as if the disk did.</summary>
    private sealed class LockedLog(NpgsqlConnection connection, NpgsqlTransaction transaction, Installation installation) : IAsyncDisposable
    {
        public static async Task<LockedLog> Of(Installation installation)
        {
            var connection = await installation.DataSource.OpenConnectionAsync();
            var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("lock table es.events in exclusive mode", connection, transaction);
            await hold.ExecuteNonQueryAsync();
            return new LockedLog(connection, transaction, installation);
        }

        // In this database: in others, made from the same template, the log has the same number.
        public Task<bool> KeepsAWriterWaiting() => installation.Scalar<bool>(
            "select exists (select from pg_locks where not granted and relation = 'es.events'::regclass and database = (select oid from pg_database where datname = current_database()))");

        public Task Release() => transaction.RollbackAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
