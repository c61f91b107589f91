using Webhooks.Api.Tests.Http;

namespace Webhooks.Api.Tests.Compatibility;

public sealed class AiozCredentialsTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_key_is_taken_as_Basic_as_two_headers_and_as_a_token_it_signed()
    {
        var (_, _, (sid, secret)) = await AiozAccount.Of(service);
        var token = Tokens.Sign(secret, $$"""{"iss":"{{sid}}"}""");
        var basic = RunningService.Basic(sid, secret);

        Assert.Equal(200, await List(basic));
        Assert.Equal(200, await List($"Bearer {token}"));
        Assert.Equal(200, await List(null, ("stream-public-key", sid), ("stream-secret-key", secret)));

        // The Node client sends all three, empty where it has nothing to say.
        Assert.Equal(200, await List(basic, ("stream-public-key", sid), ("stream-secret-key", secret), ("AV-Origin-Client", "nodejs:2.6.0")));
        Assert.Equal(200, await List($"Bearer {token}", ("stream-public-key", ""), ("stream-secret-key", "")));
        Assert.Equal(200, await List("", ("stream-public-key", sid), ("stream-secret-key", secret)));
    }

    [Fact]
    public async Task What_is_no_key_is_refused()
    {
        var (_, _, (sid, secret)) = await AiozAccount.Of(service);
        Assert.Equal(401, await List(null));
        Assert.Equal(401, await List("", ("stream-public-key", ""), ("stream-secret-key", "")));
        Assert.Equal(401, await List(null, ("stream-public-key", sid)));
        Assert.Equal(401, await List(null, ("stream-public-key", sid), ("stream-secret-key", secret + "x")));
        Assert.Equal(401, await List(null, ("stream-public-key", sid), ("stream-secret-key", new string('x', 3000))));
        Assert.Equal(401, await List($"Bearer {Tokens.Sign("another secret of some length", $$"""{"iss":"{{sid}}"}""")}", ("stream-public-key", sid), ("stream-secret-key", secret)));
    }

    [Fact]
    public async Task The_two_headers_open_nothing_else()
    {
        var (_, _, (sid, secret)) = await AiozAccount.Of(service);
        (await service.Send(HttpMethod.Get, "/v1/webhooks", (string?)null, null, ("stream-public-key", sid), ("stream-secret-key", secret))).ExpectProblem(401, "auth.missing");
    }

    [Fact]
    public async Task A_key_needs_the_scope_and_a_company()
    {
        var company = await service.GivenCompany();
        var reader = await service.GivenKey(company, "read");
        AiozAccount.IsRefused(await service.Post("/api/webhooks", """{"url":"https://hooks.example.com/in","file_received":true}""", reader), 403, "manage");
        AiozAccount.IsRefused(await service.Get("/api/webhooks"), 403, "company");
    }

    private async Task<int> List(string? authorization, params (string, string)[] headers)
    {
        var answer = await service.Send(HttpMethod.Get, "/api/webhooks", (string?)null, authorization, headers);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal(answer.Status == 200 ? "success" : "fail", (string?)answer.Json["status"]);
        return answer.Status;
    }
}
