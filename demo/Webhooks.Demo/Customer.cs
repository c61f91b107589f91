using System.Text.Json.Nodes;
using Webhooks.Demo.Receiving;

namespace Webhooks.Demo;

/// <summary>What was emitted.</summary>
/// <param name="Sids">In the order of emission.</param>
/// <param name="Deliveries">How many webhooks matched, over all events.</param>
/// <param name="RepeatIsSame">Whether an event that was emitted twice under one idempotency key was accepted once.</param>
internal sealed record Emitted(IReadOnlyList<string> Sids, int Deliveries, bool RepeatIsSame);

/// <summary>A company of the platform, acting with its own key.</summary>
internal sealed class Customer(string company, string code, ServiceApi api) : IDisposable
{
    private readonly Dictionary<string, Subscriber> _webhooks = [];

    public string Code => code;

    public static async Task<Customer> Register(ServiceApi admin, Uri address, CancellationToken ct)
    {
        const string Name = "alpine-media";
        var company = Text((await admin.Post("v1/companies", new { code = Name, name = "Alpine Media" }, ct))["company"], "sid");
        var key = (await admin.Post($"v1/companies/{company}/api-keys", new { label = "Demo", scopes = new[] { "emit", "manage", "read" } }, ct))["api_key"];
        return new Customer(company, Name, new ServiceApi(address, Text(key, "sid"), Text(key, "secret")));
    }

    /// <summary>Registers every subscriber's webhook, and tells the receiver the secret by which it can know the service.</summary>
    public async Task<int> Subscribe(Receiver receiver, CancellationToken ct)
    {
        foreach (var subscriber in Subscriber.All)
        {
            var created = await api.Post(
                "v1/webhooks",
                new
                {
                    company_sid = company,
                    label = subscriber.Label,
                    url = receiver.UrlOf(subscriber).ToString(),
                    method = "POST",
                    timeout_ms = 60_000,
                    max_attempts = Subscriber.MaxAttempts,
                    headers = new[] { new { name = "X-Customer", value = code, include_in_request_signature = true } },
                    event_types = subscriber.EventTypes,
                    signature_scheme = subscriber.Scheme,
                    retry_policy = new { kind = "fixed", interval_ms = Subscriber.RetryIntervalMs },
                },
                ct);
            receiver.Trust(subscriber, Text(created["signing_key"], "shared_secret"));
            _webhooks.Add(Text(created["webhook"], "sid"), subscriber);
        }

        return _webhooks.Count;
    }

    /// <summary>Emits every sample, and the first one a second time as a client does that got no answer.</summary>
    public async Task<Emitted> Emit(DateTimeOffset now, CancellationToken ct)
    {
        var sids = new List<string>();
        var deliveries = 0;
        var samples = SampleEvents.All(now);
        foreach (var (type, payload) in samples)
        {
            var accepted = await Emit(type, payload, ct);
            sids.Add(Text(accepted, "sid"));
            deliveries += (int)accepted["matched_webhooks"]!;
        }

        var repeated = await Emit(samples[0].Type, samples[0].Payload, ct);
        return new Emitted(sids, deliveries, Text(repeated, "sid") == sids[0]);
    }

    /// <summary>Every delivery of the company, as the service lists them.</summary>
    public async Task<IReadOnlyList<JsonNode>> Deliveries(CancellationToken ct) =>
        [.. (await api.Get($"v1/deliveries?company_sid={company}&page_size=100", ct))["deliveries"]!.AsArray().Select(d => d!)];

    /// <summary>One delivery with its attempts.</summary>
    public async Task<JsonNode> Delivery(string sid, CancellationToken ct) => (await api.Get($"v1/deliveries/{sid}", ct))["delivery"]!;

    public Subscriber SubscriberOf(string webhook) => _webhooks[webhook];

    /// <exception cref="DemoException">The service's answer lacks the field.</exception>
    public static string Text(JsonNode? node, string field) =>
        (string?)node?[field] ?? throw new DemoException($"An answer of the service has no field '{field}': {node?.ToJsonString()}");

    private async Task<JsonNode> Emit(string type, object payload, CancellationToken ct) =>
        (await api.Post("v1/events", new { company_sid = company, type, payload }, ct, idempotencyKey: $"demo-{type}"))["event"]!;

    public void Dispose() => api.Dispose();
}
