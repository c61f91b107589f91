using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>A user of AIOZ Stream: a company with a key, and the requests that its clients make.</summary>
internal sealed record AiozAccount(RunningService Service, string Company, (string Sid, string Secret) Key)
{
    public const string Unknown = "01890a5d-ac96-774b-bcce-b302099a8057";

    public static async Task<AiozAccount> Of(RunningService service)
    {
        var company = await service.GivenCompany();
        return new AiozAccount(service, company, await service.GivenSharedSecret(company, "emit", "manage", "read"));
    }

    public string Authorization => RunningService.Basic(Key.Sid, Key.Secret);

    public Task<Answer> Send(string method, string path, string? json = null) => Service.Send(new HttpMethod(method), $"/api/webhooks{path}", json, Authorization);

    public Task<Answer> Create(string json) => Send("POST", "", json);

    /// <returns>The webhook's id.</returns>
    public async Task<string> GivenWebhook(string members = "\"file_received\":true", string url = "https://hooks.example.com/in") =>
        (await Create($$"""{"url":"{{url}}",{{members}}}""")).Expect(201)["data"]!["webhook"]!["id"]!.GetValue<string>();

    public async Task<JsonNode> Webhook(string id) => (await Send("GET", $"/{id}")).Expect(200)["data"]!["webhook"]!;

    public async Task<string> Flags(string id)
    {
        var webhook = await Webhook(id);
        return string.Join(' ', new[] { "file_received", "encoding_started", "partial_finished", "encoding_finished", "encoding_failed" }.Where(f => (bool)webhook[f]!));
    }

    public Task<Answer> CreateByForm(params (string Name, string Value)[] fields)
    {
        var form = string.Join('&', fields.Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value)}"));
        return Service.Send(HttpMethod.Post, "/api/webhooks", new StringContent(form, Encoding.UTF8, new MediaTypeHeaderValue("application/x-www-form-urlencoded")), Authorization);
    }

    /// <summary>A refusal as AIOZ's clients read it.</summary>
    public static void IsRefused(Answer answer, int status, string message)
    {
        Assert.True(status == answer.Status, $"Expected {status}, got {answer.Status}: {answer.Text}");
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("fail", (string?)answer.Json["status"]);
        Assert.Contains(message, (string?)answer.Json["message"], StringComparison.Ordinal);
        Assert.Equal((string?)answer.Json["message"], (string?)answer.Json["title"]);
    }
}
