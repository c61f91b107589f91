using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>Nodes on one database that degrade a webhook after two failures and pause it after four, however fast they come. A probe goes out when the test says so.</summary>
internal sealed class Nodes(Installation installation) : IAsyncDisposable
{
    public static readonly HealthOptions Strict = new()
    {
        Rules = new WebhookHealthRules
        {
            DegradedAfterFailures = 2,
            RecoveredAfterSuccesses = 2,
            PausedAfterFailures = 4,
            PausedAfter = TimeSpan.Zero,
            ProbeInterval = TimeSpan.FromHours(1),
            MaxProbeInterval = TimeSpan.FromHours(1),
        },
        DrainInterval = TimeSpan.FromMilliseconds(10),
    };

    // A lease that no test lets run out: what stands still for a moment is not sent twice, nor out of its order.
    public static readonly DeliveryOptions Options = Installation.Patient with { Lease = TimeSpan.FromSeconds(60), Poll = TimeSpan.FromMilliseconds(50), Drain = TimeSpan.Zero, Health = Strict };

    private readonly List<DeliveryNode> _nodes = [];

    public Installation Installation => installation;
    public CompanyId Company { get; } = new(Guid.CreateVersion7());

    public async Task<DeliveryNode> Start(DeliveryOptions? options = null, ILoggerFactory? logs = null)
    {
        var signal = new LogSignal(TimeProvider.System);
        var node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System), options ?? Options, TimeProvider.System, logs ?? NullLoggerFactory.Instance);
        _nodes.Add(node);
        await node.StartAsync(default);
        return node;
    }

    /// <summary>A webhook of the company whose deliveries have one attempt each.</summary>
    public Task<WebhookId> Register(Uri url, params string[] types) => installation.Register(url, c => c with { MaxAttempts = 1, EventTypes = types }, Company);

    public async Task<DeliveryId> Emit(DeliveryNode node, string type = "order.paid")
    {
        var e = new EventToEmit(Company, type, "{}"u8.ToArray(), null, null, Guid.NewGuid());
        return Assert.IsType<EmitOutcome.Accepted>(await node.Acceptance.Emit(e, default)).Deliveries[0];
    }

    /// <summary>Emits until the webhook's stream says that it is paused.</summary>
    public async Task Pause(DeliveryNode node, WebhookId webhook)
    {
        for (var i = 0; i < 4; i++)
        {
            await HasFacts(await Emit(node), typeof(AttemptFailed), typeof(DeliveryExhausted));
        }

        await Eventually.Is(async () => (await Changes(webhook)).LastOrDefault() is WebhookPaused, "the webhook is paused");
        await Hears(node, webhook, HealthState.Paused);
    }

    public Task Hears(DeliveryNode node, WebhookId webhook, HealthState state) => Eventually.Is(
        async () => (await node.Routing.For(Company)).Find(webhook)?.Health.State == state, $"the node has heard that the webhook is {state}");

    /// <summary>What the stream says since the webhook was registered.</summary>
    public async Task<WebhookFact[]> Changes(WebhookId webhook) => [.. (await installation.Facts(webhook.Value)).Skip(2).Cast<WebhookFact>()];

    public Task HasChanged(WebhookId webhook, params Type[] changes) => Eventually.Is(
        async () => (await Changes(webhook)).Select(f => f.GetType()).SequenceEqual(changes), $"the webhook has changed: {string.Join(", ", changes.Select(t => t.Name))}");

    public Task HasFacts(DeliveryId delivery, params Type[] types) => Eventually.Is(
        async () => (await installation.Facts(delivery.Value)).Select(f => f.GetType()).SequenceEqual(types), $"{delivery} has {string.Join(", ", types.Select(t => t.Name))}");

    public Task ProbeNow(WebhookId webhook) => installation.Scalar<Guid>($"update delivery.pauses set probe_at = now() where webhook_id = '{webhook.Value}' returning webhook_id");

    /// <summary>In the order of their commits: two may be of the same millisecond.</summary>
    public async Task<string[]> EmittedTypes() => [.. (await installation.Scalar<string[]>(
        $"""
        select coalesce(array_agg(p.type order by e.tx, e.seq), '{"{}"}') from es.payloads p join es.events e on e.stream_id = p.message_id and e.version = 1
        where p.company_id = '{Company.Value}' and p.type like 'webhook.%'
        """))];

    public async Task<string> Payload(string type) => Encoding.UTF8.GetString(
        await installation.Scalar<byte[]>($"select body from es.payloads where company_id = '{Company.Value}' and type = '{type}'"));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
