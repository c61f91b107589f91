using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>A receiver that never answers, ten thousand deliveries waiting for it, and others that want theirs: real PostgreSQL, real HTTP.</summary>
public sealed class HungReceiverTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private const int Backlog = 10_000;
    private const int Memory = 1000;
    private readonly TaskCompletionSource<int> _never = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CompanyId _company = new(Guid.CreateVersion7());
    private Receiver _hung = null!;
    private Receiver _well = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _hung = await Receiver.Start();
        _hung.Answer = _ => _never.Task;
        _well = await Receiver.Start();
        var signal = new LogSignal(TimeProvider.System);
        _node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System),
            Installation.Patient with { MaxInMemory = Memory, MaxInFlight = 64, Lease = TimeSpan.FromSeconds(300) }, TimeProvider.System, NullLoggerFactory.Instance);
        await _node.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _never.TrySetResult(200);
        await _node.DisposeAsync();
        await _hung.DisposeAsync();
        await _well.DisposeAsync();
    }

    private async Task<IReadOnlyList<DeliveryId>> Emit(string type, int count)
    {
        var deliveries = new List<DeliveryId>();
        foreach (var some in Enumerable.Range(0, count).Chunk(500))
        {
            var emitted = await Task.WhenAll(some.Select(_ => _node.Acceptance.Emit(new EventToEmit(_company, type, "{}"u8.ToArray(), null, null, Guid.NewGuid()), default)));
            deliveries.AddRange(emitted.SelectMany(e => Assert.IsType<EmitOutcome.Accepted>(e).Deliveries));
        }

        return deliveries;
    }

    private Task<long> Due(WebhookId webhook) => installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}' and due_at is not null");

    [Fact]
    public async Task Others_get_theirs_while_ten_thousand_wait_and_all_arrive_once_it_answers()
    {
        var hung = await installation.Register(_hung.Url, c => c with { EventTypes = new[] { "hang" }, TimeoutMs = 60_000 }, _company);
        await installation.Register(_well.Url, c => c with { EventTypes = new[] { "go" } }, _company);
        var waiting = await Emit("hang", Backlog);
        await _hung.HasReceived(1);
        Assert.InRange(_hung.Requests.Count, 1, 10);

        // Its share of memory at most; the rest waits in the table, and nobody reads it again and again.
        Assert.InRange(_node.Pump.InMemory, 1, Memory / 2);
        Assert.InRange(await Due(hung), Backlog - (Memory / 2), Backlog);

        // Straight through memory, and by way of the table: rows of a node that is gone, due after those ten thousand.
        await Emit("go", 50);
        await _well.HasReceived(50);
        await installation.Scalar<int>($"""
            with w as (select webhook_id from read.webhooks where company_id = '{_company.Value}' and webhook_id <> '{hung.Value}'),
                 p as (insert into es.payloads select gen_random_uuid(), '{_company.Value}', 'go', now(), 'x' from generate_series(1, 50) returning message_id),
                 q as (insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at) select gen_random_uuid(), 7, w.webhook_id, p.message_id, 0, 0, 0, now() from w, p returning 1)
            select count(*)::int from q
            """);
        await _well.HasReceived(100);
        Assert.InRange(_hung.Requests.Count, 1, 10);

        _hung.Answer = _ => Task.FromResult(200);
        _never.SetResult(200);
        await Eventually.Is(() => _hung.Requests.Count >= Backlog && _hung.Requests.Select(r => r.Headers["webhook-delivery-id"]).Distinct().Count() == Backlog, "all that waited has arrived", TimeSpan.FromSeconds(120));
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty");
        Assert.Equal(Backlog, _hung.Requests.Count);
        Assert.Equal(waiting.Select(d => d.ToString()).Order(StringComparer.Ordinal), _hung.Requests.Select(r => r.Headers["webhook-delivery-id"]).Order(StringComparer.Ordinal));
    }
}
