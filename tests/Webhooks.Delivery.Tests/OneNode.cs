using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>A node and a receiver for each test, on a database for each class.</summary>
public abstract class OneNode(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly List<DeliveryNode> _nodes = [];

    protected Installation Installation { get; } = installation;
    protected Receiver Receiver { get; private set; } = null!;
    protected DeliveryNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Receiver = await Receiver.Start();
        Node = await StartNode();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static CompanyId NewCompany() => new(Guid.CreateVersion7());

    protected async Task<DeliveryNode> StartNode(DeliveryOptions? options = null)
    {
        var signal = new LogSignal(TimeProvider.System);
        var node = new DeliveryNode(
            Installation.DataSource, Installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), Installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System),
            options ?? Installation.Patient, TimeProvider.System, NullLoggerFactory.Instance);
        _nodes.Add(node);
        await node.StartAsync(default);
        return node;
    }

    protected async Task<EmitOutcome.Accepted> Accepted(string payload = "{}", string type = "order.paid", CompanyId? company = null, DeliveryNode? node = null) => Assert.IsType<EmitOutcome.Accepted>(
        await (node ?? Node).Acceptance.Emit(new EventToEmit(company ?? Installation.Company, type, Encoding.UTF8.GetBytes(payload), null, null, Guid.NewGuid()), default));

    protected Task HasFacts(DeliveryId delivery, params Type[] types) => Eventually.Is(
        async () => (await Installation.Facts(delivery.Value)).Select(f => f.GetType()).SequenceEqual(types), $"{delivery} has {string.Join(", ", types.Select(t => t.Name))}");

    protected async Task<bool> IsQueued(DeliveryId delivery) => await Installation.Scalar<long>($"select count(*) from delivery.queue where delivery_id = '{delivery.Value}'") == 1;
}
