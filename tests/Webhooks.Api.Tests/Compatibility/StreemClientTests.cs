using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Endpoints;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>The calls of Streem's published example and of its page on managing webhooks, unchanged.</summary>
public sealed class StreemClientTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Secret = "ClickToVideo Example Signing Key Secret";

    [Fact]
    public async Task The_published_example_runs_from_the_company_to_a_request_that_its_validators_accept()
    {
        await using var receiver = await Receiver.Start();
        var example = await Example.Of(service);
        var company = (await example.Get($"/v1/companies/{example.Code}")).Expect(200)["company"]!;
        Assert.Equal((example.Code, true), ((string?)company["code"], (bool)company["active"]!));
        Assert.NotNull(company["name"]);

        var created = (await example.Create((string)company["sid"]!, receiver.Url)).Expect(201);
        var webhook = created["webhook"]!;
        Assert.Equal((string?)company["sid"], (string?)webhook["company_sid"]);
        Assert.Equal(("Click To Video", receiver.Url, "POST"), ((string?)webhook["label"], (string?)webhook["url"], (string?)webhook["method"]));
        var key = (await example.Post($"/v1/webhooks/{webhook["sid"]}/signing-keys", $$"""{"shared_secret":"{{Secret}}","label":"Example"}""")).Expect(201)["signing_key"]!;
        Assert.Equal(((string?)webhook["sid"], Secret, "Example"), ((string?)key["webhook_sid"], (string?)key["shared_secret"], (string?)key["label"]));

        (await example.Get($"/v1/webhooks/{webhook["sid"]}/~test")).Expect(200);

        var request = Assert.Single(receiver.Requests);
        Assert.True(StreemReceiver.Accepts(request, Secret));
        Assert.True(StreemReceiver.Accepts(request, (string)created["signing_key"]!["shared_secret"]!));
        Assert.False(StreemReceiver.Accepts(request, "another"));
        Assert.Equal("Streem-Sent-At:X-Streem-API-Key-ID", request.Headers["streem-signature-headers"]);
        Assert.Equal(example.KeySid, request.Headers["x-streem-api-key-id"]);
        var body = JsonNode.Parse(request.Body)!;
        Assert.Equal(request.Headers["streem-sent-at"], (string?)body["sent_at"]);
        Assert.NotNull(body["event"]!["event_type"]);
        Assert.NotNull(body["event"]!["payload"]);
    }

    [Fact]
    public async Task Webhooks_and_keys_are_read_and_listed_as_its_page_does()
    {
        var example = await Example.Of(service);
        var first = (string)(await example.Create(example.Company, "https://b.example.com/")).Expect(201)["webhook"]!["sid"]!;
        var second = (string)(await example.Create(example.Company, "https://a.example.com/")).Expect(201)["webhook"]!["sid"]!;

        Assert.Equal(first, (string?)(await example.Get($"/v1/webhooks/{first}")).Expect(200)["webhook"]!["sid"]);
        var list = (await example.Get($"/v1/webhooks?page_size=10&sort=url.asc&company_sid={example.Company}")).Expect(200);
        Assert.Equal([second, first], list["webhooks"]!.AsArray().Select(w => (string)w!["sid"]!));
        Assert.Equal("", (string?)list["next_page_token"]);

        var key = (await example.Post($"/v1/webhooks/{first}/signing-keys", """{"label":"A"}""")).Expect(201)["signing_key"]!;
        var keys = (await example.Get($"/v1/webhooks/{first}/signing-keys?page_size=10&sort=label.asc")).Expect(200)["signing_keys"]!.AsArray();
        Assert.Equal(["A", "Default"], keys.Select(k => (string)k!["label"]!));
        Assert.Equal((string?)key["shared_secret"], (string?)(await example.Get($"/v1/webhooks/{first}/signing-keys/{key["sid"]}")).Expect(200)["signing_key"]!["shared_secret"]);
        Assert.Equal(204, (await service.Delete($"/v1/webhooks/{second}", example.Key)).Status);
    }

    [Fact]
    public async Task Names_are_understood_in_camel_case_in_bodies_and_queries()
    {
        var example = await Example.Of(service);
        var webhook = (await example.Post("/v1/webhooks", $$"""
            {"companySid":"{{example.Company}}","label":"x","url":"https://hooks.example.com/","timeoutMs":5000,"maxAttempts":5,
             "headers":[{"name":"X-A","value":"1","includeInRequestSignature":true}]}
            """)).Expect(201)["webhook"]!;
        Assert.Equal((5000, 5, true), ((int)webhook["timeout_ms"]!, (int)webhook["max_attempts"]!, (bool)webhook["headers"]![0]!["include_in_request_signature"]!));
        var key = (await example.Post($"/v1/webhooks/{webhook["sid"]}/signing-keys", $$"""{"sharedSecret":"{{Secret}}"}""")).Expect(201)["signing_key"]!;
        Assert.Equal(Secret, (string?)key["shared_secret"]);

        var list = (await example.Get($"/v1/webhooks?pageSize=1&sort=createdAt.desc&companySid={example.Company}")).Expect(200);
        Assert.Single(list["webhooks"]!.AsArray());
        var twice = await example.Get("/v1/webhooks?pageSize=1&page_size=2");
        Assert.Equal(["page_size query.repeated"], twice.Errors);
    }

    [Fact]
    public async Task A_webhook_asks_for_Streem_by_a_signed_header_or_by_its_companys_default()
    {
        var example = await Example.Of(service);
        const string Plain = """{"url":"https://hooks.example.com/"}""", Signed = """{"url":"https://hooks.example.com/","headers":[{"name":"X-A","value":"1","include_in_request_signature":true}]}""";
        Assert.Equal("standard ", await Chosen(Plain));
        Assert.Equal("streem streem", await Chosen(Signed));
        Assert.Equal("standard ", await Chosen(Signed.Replace("{\"url\"", "{\"signature_scheme\":\"standard\",\"url\"", StringComparison.Ordinal)));

        var company = (await service.Send(HttpMethod.Patch, $"/v1/companies/{example.Company}", """{"default_profile":"streem"}""", RunningService.Admin)).Expect(200)["company"]!;
        Assert.Equal("streem", (string?)company["default_profile"]);
        Assert.Equal("streem streem", await Chosen(Plain));
        Assert.Equal("standard standard", await Chosen("""{"url":"https://hooks.example.com/","profile":"standard"}"""));
        var sid = (await example.Post("/v1/webhooks", """{"url":"https://hooks.example.com/","signature_scheme":"standard"}""")).Expect(201)["webhook"]!["sid"];
        var replaced = (await service.Send(HttpMethod.Put, $"/v1/webhooks/{sid}", Plain, example.Key)).Expect(200)["webhook"]!;
        Assert.Equal("streem", (string?)replaced["profile"]);
        var patched = (await service.Send(HttpMethod.Patch, $"/v1/webhooks/{sid}", """{"profile":"standard"}""", example.Key)).Expect(200)["webhook"]!;
        Assert.Equal("standard", (string?)patched["profile"]);
        Assert.Equal("streem", (string?)(await service.Send(HttpMethod.Patch, $"/v1/webhooks/{sid}", """{"profile":null}""", example.Key)).Expect(200)["webhook"]!["profile"]);
        (await service.Send(HttpMethod.Patch, $"/v1/companies/{example.Company}", """{"default_profile":null}""", RunningService.Admin)).Expect(200);
        Assert.Equal("standard ", await Chosen(Plain));

        async Task<string> Chosen(string body)
        {
            var webhook = (await example.Post("/v1/webhooks", body)).Expect(201)["webhook"]!;
            return $"{webhook["signature_scheme"]} {webhook["profile"]}";
        }
    }

    [Fact]
    public async Task A_webhook_by_GET_signs_the_query_in_place_of_the_body()
    {
        await using var receiver = await Receiver.Start();
        var example = await Example.Of(service);
        var sid = (await example.Create(example.Company, $"{receiver.Url}?a=1&b=%20x", "GET")).Expect(201)["webhook"]!["sid"];
        (await example.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"shared_secret":"{{Secret}}"}""")).Expect(201);

        (await example.Get($"/v1/webhooks/{sid}/~test")).Expect(200);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(("GET", ""), (request.Method, request.Body));
        Assert.True(StreemReceiver.Accepts(request, Secret, "a=1&b=%20x"));
    }

    /// <summary>The example's server: an API key of a company, and the body that it posts.</summary>
    private sealed record Example(RunningService Service, string Company, string Code, string KeySid, string Key)
    {
        public static async Task<Example> Of(RunningService service)
        {
            var company = await service.GivenCompany();
            var code = (string)(await service.Get($"/v1/companies/{company}")).Expect(200)["company"]!["code"]!;
            var (sid, secret) = await service.GivenApiKey(company, "emit", "manage", "read");
            return new Example(service, company, code, sid, RunningService.Basic(sid, secret));
        }

        public Task<Answer> Get(string path) => Service.Get(path, Key);

        public Task<Answer> Post(string path, string json) => Service.Post(path, json, Key);

        public Task<Answer> Create(string company, string url, string method = "POST") => Post("/v1/webhooks", $$"""
            {"company_sid":"{{company}}","label":"Click To Video","url":"{{url}}","method":"{{method}}","timeout_ms":5000,"max_attempts":5,
             "headers":[{"name":"X-Streem-API-Key-ID","value":"{{KeySid}}","include_in_request_signature":true}]}
            """);
    }
}
