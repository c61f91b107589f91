using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>A company with a key for each scope, and the requests that tests of webhooks make.</summary>
internal sealed record Customer(RunningService Service, string Company, string Manager, string Reader)
{
    public const string Url = "https://hooks.example.com/in";

    public static async Task<Customer> Of(RunningService service)
    {
        var company = await service.GivenCompany();
        return new Customer(service, company, await service.GivenKey(company, "manage", "read"), await service.GivenKey(company, "read"));
    }

    public Task<Answer> Create(string json) => Service.Post("/v1/webhooks", json, Manager);

    /// <param name="members">Further members of the body: <c>"label":"x"</c>.</param>
    /// <returns>The webhook's sid.</returns>
    public async Task<string> GivenWebhook(string members = "", string url = Url) =>
        (await Create($$"""{"url":"{{url}}"{{(members.Length > 0 ? "," : "")}}{{members}}}""")).Expect(201)["webhook"]!["sid"]!.GetValue<string>();

    public Task<Answer> Get(string path) => Service.Get(path, Manager);

    public async Task<JsonNode> Webhook(string sid) => (await Get($"/v1/webhooks/{sid}")).Expect(200)["webhook"]!;

    public Task<Answer> Put(string sid, string json, params (string, string)[] headers) => Service.Send(HttpMethod.Put, $"/v1/webhooks/{sid}", json, Manager, headers);

    public Task<Answer> Patch(string sid, string json, params (string, string)[] headers) =>
        Service.Send(HttpMethod.Patch, $"/v1/webhooks/{sid}", new StringContent(json, Encoding.UTF8, "application/merge-patch+json"), Manager, headers);

    public Task<Answer> Post(string path, string? json = null, params (string, string)[] headers) => Service.Send(HttpMethod.Post, path, json, Manager, headers);

    public Task<Answer> Delete(string path, params (string, string)[] headers) => Service.Send(HttpMethod.Delete, path, (string?)null, Manager, headers);

    /// <summary>Every row of a list, page by page.</summary>
    public async Task<List<JsonNode>> All(string path, string name, int pageSize)
    {
        var rows = new List<JsonNode>();
        var token = "";
        do
        {
            var page = (await Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}page_size={pageSize}&page_token={token}")).Expect(200);
            var items = page[name]!.AsArray();
            Assert.True(items.Count <= pageSize);
            rows.AddRange(items.Select(i => i!.DeepClone()));
            token = page["next_page_token"]!.GetValue<string>();
        }
        while (token.Length > 0);
        return rows;
    }
}
