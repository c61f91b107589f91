using Webhooks.Api.Tests.Http;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

public sealed class CredentialsTests(Platform platform) : IClassFixture<Platform>
{
    [Theory]
    [InlineData("/app")]
    [InlineData("/api/v2/app")]
    public async Task The_query_names_the_key_and_the_bare_token_is_signed_with_its_secret(string path)
    {
        var client = await GetStreamClient.Of(platform);
        Assert.NotNull((await client.Get(path)).Expect(200)["app"]);
    }

    [Fact]
    public async Task An_error_has_the_form_and_the_code_that_clients_read()
    {
        var client = await GetStreamClient.Of(platform);
        var error = (await (client with { Secret = client.Secret + "x" }).Get()).Expect(401);

        Assert.Equal((43, 401, 401), ((int?)error["code"], (int?)error["StatusCode"], (int?)error["status_code"]));
        Assert.NotEmpty(((string?)error["message"]) ?? "");
        Assert.EndsWith("ms", (string?)error["duration"], StringComparison.Ordinal);
        Assert.NotEmpty(((string?)error["more_info"]) ?? "");
        Assert.Empty(error["details"]!.AsArray());
    }

    [Fact]
    public async Task Each_way_of_not_being_known_has_its_code()
    {
        var client = await GetStreamClient.Of(platform);
        Assert.Equal(40, await Code(client.Send(HttpMethod.Get, "/app", null, """{"server":true,"exp":1}"""), 401));
        Assert.Equal(41, await Code(client.Send(HttpMethod.Get, "/app", null, """{"server":true,"nbf":99999999999}"""), 401));
        Assert.Equal(2, await Code((client with { Key = "key_01h455vb4pex5vsknk084sn02q" }).Get(), 401));
        Assert.Equal(2, await Code(platform.Service.Get("/app", Tokens.Sign(client.Secret, """{"server":true}""")), 401));
        Assert.Equal(5, await Code(platform.Service.Send(HttpMethod.Get, $"/app?api_key={client.Key}", (string?)null, null), 401));
        Assert.Equal(5, await Code(platform.Service.Get($"/app?api_key={client.Key}", "eyJhbGciOiJub25lIn0.eyJzZXJ2ZXIiOnRydWV9."), 401));
    }

    /// <summary>As GetStream's client for .NET signs it.</summary>
    [Fact]
    public async Task A_token_that_says_nothing_but_times_is_a_backends()
    {
        var (client, now) = (await GetStreamClient.Of(platform), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        (await client.Send(HttpMethod.Patch, "/api/v2/app", """{"event_hooks":[]}""", $$"""{"nbf":{{now - 5}},"exp":{{now + 3600}},"iat":{{now - 5}}}""")).Expect(200);
    }

    [Fact]
    public async Task Tokens_of_end_users_configure_nothing()
    {
        var client = await GetStreamClient.Of(platform);
        Assert.Equal(17, await Code(client.Send(HttpMethod.Get, "/app", null, """{"user_id":"john"}"""), 403));
        Assert.Equal(17, await Code(client.Send(HttpMethod.Patch, "/app", """{"event_hooks":[]}""", """{"user_id":"john","server":"true"}"""), 403));
    }

    [Fact]
    public async Task A_key_changes_hooks_with_the_scope_manage_alone()
    {
        var (sid, secret) = await platform.Service.GivenSharedSecret(await platform.Service.GivenCompany(), "read");
        var reader = new GetStreamClient(platform, "", sid, secret);

        (await reader.Get()).Expect(200);
        Assert.Equal(17, await Code(reader.Patch("""{"event_hooks":[]}"""), 403));
    }

    [Fact]
    public async Task A_key_whose_secret_is_kept_as_a_hash_signs_nothing()
    {
        var key = await platform.Service.GivenApiKey(await platform.Service.GivenCompany(), "read");
        Assert.Equal(2, await Code(new GetStreamClient(platform, "", key.Sid, key.Secret).Get(), 401));
    }

    private static async Task<int?> Code(Task<Answer> answer, int status) => (int?)(await answer).Expect(status)["code"];
}
