using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Nodes on one database and a receiver, for tests of order: <c>await using var ground = await Ground.Of(installation)</c>.</summary>
internal sealed class Ground : IAsyncDisposable
{
    private readonly Installation _installation;
    private readonly List<DeliveryNode> _nodes = [];

    private Ground(Installation installation, Receiver receiver) => (_installation, Receiver) = (installation, receiver);

    public Receiver Receiver { get; }
    public CompanyId Company { get; } = new(Guid.CreateVersion7());

    public static async Task<Ground> Of(Installation installation) => new(installation, await Receiver.Start());

    /// <param name="dataSource">Null: the installation's own.</param>
    /// <param name="time">Null: the machine's. Requests go by that one in any case.</param>
    public async Task<DeliveryNode> StartNode(Func<DeliveryOptions, DeliveryOptions>? with = null, ILoggerFactory? logs = null, NpgsqlDataSource? dataSource = null, TimeProvider? time = null)
    {
        var options = Installation.Patient;
        time ??= TimeProvider.System;
        var signal = new LogSignal(time);
        var node = new DeliveryNode(
            dataSource ?? _installation.DataSource, _installation.Store(signal, dataSource), signal, new DatabaseClock(time), _installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System),
            with?.Invoke(options) ?? options, time, logs ?? NullLoggerFactory.Instance);
        _nodes.Add(node);
        await node.StartAsync(default);
        return node;
    }

    public Task<WebhookId> Register(Func<WebhookConfiguration, WebhookConfiguration> with) => _installation.Register(Receiver.Url, with, Company);

    public Task<WebhookId> RegisterStrict(OnExhausted onExhausted = OnExhausted.Skip, int maxAttempts = 5) =>
        Register(c => c with { Ordering = OrderingMode.Strict, OnExhausted = onExhausted, MaxAttempts = maxAttempts });

    public async Task<EmitOutcome.Accepted> Emit(DeliveryNode node, string payload = "{}", string? key = null, DateTimeOffset? deliverAt = null, WebhookId? only = null, string type = "order.paid") => Assert.IsType<EmitOutcome.Accepted>(
        await node.Acceptance.Emit(new EventToEmit(Company, type, Encoding.UTF8.GetBytes(payload), null, null, Guid.NewGuid(), only) { OrderingKey = key, DeliverAt = deliverAt }, default));

    /// <summary>The bodies that came for a key, repeats left out; payloads are those of <see cref="Payload"/>.</summary>
    public int[] NumbersOf(string key) =>
        [.. Receiver.Requests.Where(r => r.Attempt == 1).Select(r => System.Text.Json.Nodes.JsonNode.Parse(r.Body)!).Where(b => (string?)b[0] == key).Select(b => (int)b[1]!)];

    public static string Payload(string key, int number) => $"[\"{key}\",{number}]";

    public DeliveryPlan PlanOf(EmitOutcome.Accepted emitted, WebhookId webhook, long? sequence, string? orderingKey) =>
        new(emitted.Deliveries[0], emitted.Message, webhook, Company) { Sequence = sequence, OrderingKey = orderingKey };

    public Task HasFacts(DeliveryId delivery, params Type[] types) => Eventually.Is(
        async () => (await _installation.Facts(delivery.Value)).Select(f => f.GetType()).SequenceEqual(types), $"{delivery} has {string.Join(", ", types.Select(t => t.Name))}");

    public Task QueueIsEmpty(WebhookId webhook) =>
        Eventually.Is(async () => await _installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}'") == 0, "the queue is empty");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Receiver.DisposeAsync();
    }
}
