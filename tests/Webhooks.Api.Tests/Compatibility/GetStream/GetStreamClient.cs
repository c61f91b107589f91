using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Http;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

/// <summary>Speaks as GetStream's server-side clients do: the key in the query, the bare token, their headers.</summary>
internal sealed record GetStreamClient(Platform Platform, string Company, string Key, string Secret)
{
    private const string Server = """{"server":true}""";

    public static async Task<GetStreamClient> Of(Platform platform, string? company = null)
    {
        company ??= await platform.Service.GivenCompany();
        var (sid, secret) = await platform.Service.GivenSharedSecret(company, "manage", "read", "emit");
        return new GetStreamClient(platform, company, sid, secret);
    }

    public Task<Answer> Get(string path = "/app") => Send(HttpMethod.Get, path, null);

    public Task<Answer> Patch(string json, string path = "/app") => Send(HttpMethod.Patch, path, json);

    public Task<Answer> Post(string path, string json) => Send(HttpMethod.Post, path, json);

    public Task<Answer> Send(HttpMethod method, string path, string? json, string claims = Server) => Platform.Service.Send(
        method, $"{path}?api_key={Key}", json, Tokens.Sign(Secret, claims),
        ("stream-auth-type", "jwt"), ("X-Stream-Client", "stream-chat-js-node"), ("x-client-request-id", "1"));

    /// <summary>The hooks after an update that was accepted.</summary>
    public async Task<JsonArray> Hooks(string json) => (await Patch(json)).Expect(200)["app"]!["event_hooks"]!.AsArray();

    public async Task<JsonNode> App() => (await Get()).Expect(200)["app"]!;

    /// <summary>The webhook that a hook is.</summary>
    public async Task<JsonNode> Webhook(JsonNode hook)
    {
        var webhooks = (await Platform.Service.Get($"/v1/webhooks?company_sid={Company}")).Expect(200)["webhooks"]!.AsArray();
        var sid = Domain.Sid.Format("wh", Guid.Parse((string)hook["id"]!));
        return webhooks.Single(w => (string?)w!["sid"] == sid)!;
    }

    public async Task<Answer> Emit(string type, string payload) =>
        await Platform.Service.Post("/v1/events", $$"""{"type":"{{type}}","payload":{{payload}} }""", RunningService.Basic(Key, Secret));
}
