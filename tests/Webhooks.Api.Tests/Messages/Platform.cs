using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

/// <summary>A running service with a receiver beside it: <c>IClassFixture&lt;Platform&gt;</c>. Payloads may have 2 MiB.</summary>
public sealed class Platform : IAsyncLifetime
{
    public const int MaxPayloadBytes = 2 * 1024 * 1024;

    private Receiver? _receiver;

    public RunningService Service { get; } = new();
    public Receiver Receiver => _receiver!;

    public async ValueTask InitializeAsync()
    {
        Service.Settings["Webhooks:Delivery:PollMs"] = "200";
        await Service.InitializeAsync();
        _receiver = await Receiver.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Receiver.DisposeAsync();
    }

    /// <summary>A company with a key of all customer scopes.</summary>
    public async Task<Tenant> GivenTenant()
    {
        var company = await Service.GivenCompany();
        return new Tenant(this, company, await Service.GivenKey(company, "emit", "manage", "read"));
    }
}

/// <summary>A company as its platform uses it.</summary>
public sealed record Tenant(Platform Platform, string Company, string Key)
{
    private RunningService Service => Platform.Service;

    /// <summary>A path of the receiver that nobody else uses.</summary>
    public static string NewPath() => $"/{Guid.NewGuid():N}";

    /// <returns>The webhook's sid.</returns>
    public async Task<string> GivenWebhook(string path, string? types = null, int maxAttempts = 1, int retryAfterMs = 60_000) => (await Service.Post(
        "/v1/webhooks",
        $$"""
        {"label":"Test","url":"{{Platform.Receiver.Url(path)}}","method":"POST","timeout_ms":60000,"max_attempts":{{maxAttempts}},"event_types":[{{types}}],
         "headers":[{"name":"Authorization","value":"Bearer hidden","include_in_request_signature":false},{"name":"X-Shop","value":"berlin","include_in_request_signature":false}],
         "retry_policy":{"kind":"fixed","interval_ms":{{retryAfterMs}} } }
        """,
        Key)).Expect(201)["webhook"]!["sid"]!.GetValue<string>();

    public Task<Answer> Emit(string body, params (string Name, string Value)[] headers) => Service.Send(HttpMethod.Post, "/v1/events", body, Key, headers);

    public async Task<JsonNode> Accepted(string type, string payload, string? id = null)
    {
        var named = id is null ? "" : $"\"id\":\"{id}\",";
        return (await Emit($$"""{ {{named}}"type":"{{type}}","payload":{{payload}} }""")).Expect(202)["event"]!;
    }

    public Task<Answer> Get(string path) => Service.Get(path, Key);

    /// <summary>A list that knows all that was committed before. The service waits for that, but not longer than asked: after that long it may have answered without.</summary>
    public async Task<JsonNode> List(string path)
    {
        JsonNode? list = null;
        await Eventually.Is(
            async () =>
            {
                var asked = Stopwatch.StartNew();
                list = (await Service.Send(HttpMethod.Get, path, (string?)null, Key, ("Prefer", "wait=10"))).Expect(200);
                return asked.Elapsed < TimeSpan.FromSeconds(10);
            },
            "the list has caught up");
        return list!;
    }

    public async Task<IReadOnlyList<string>> Sids(string path, string list) => [.. (await List(path))[list]!.AsArray().Select(d => d!["sid"]!.GetValue<string>())];

    /// <summary>The only delivery of an event, when it is in this state.</summary>
    public async Task<JsonNode> Delivery(JsonNode e, string status)
    {
        var sid = await DeliverySid(e);
        JsonNode? delivery = null;
        await Eventually.Is(
            async () =>
            {
                delivery = (await Get($"/v1/deliveries/{sid}")).Expect(200)["delivery"]!;
                return (string?)delivery["status"] == status;
            },
            $"the delivery is {status}");
        return delivery!;
    }

    public async Task<string> DeliverySid(JsonNode e) =>
        (await Get($"/v1/events/{(string?)e["sid"]}")).Expect(200)["event"]!["deliveries"]!.AsArray().Single()!["sid"]!.GetValue<string>();

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
