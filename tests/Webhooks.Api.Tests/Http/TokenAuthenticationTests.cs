using System.Globalization;

namespace Webhooks.Api.Tests.Http;

/// <summary>Tokens signed with an API key's shared secret, taken as Bearer.</summary>
public sealed class TokenAuthenticationTests(RunningService service) : IClassFixture<RunningService>
{
    private static string In(TimeSpan time) => DateTimeOffset.UtcNow.Add(time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_shared_secret_opens_as_itself_and_signs_tokens_that_name_the_key()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await Shared(company);
        var path = $"/v1/companies/{company}";

        (await service.Get(path, RunningService.Basic(sid, secret))).Expect(200);
        (await service.Get(path, $"Bearer {sid}.{secret}")).Expect(200);
        (await service.Get(path, $"Bearer {Tokens.Sign(secret, "{}", $$"""{"alg":"HS256","kid":"{{sid}}"}""")}")).Expect(200);
        (await service.Get(path, $"bearer {Tokens.Sign(secret, $$"""{"iss":"{{sid}}","exp":{{In(TimeSpan.FromHours(1))}}}""")}")).Expect(200);
    }

    [Fact]
    public async Task A_token_that_does_not_hold_is_told_why()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await Shared(company);
        var path = $"/v1/companies/{company}";
        var hashed = await service.GivenApiKey(company, "read");

        await Refused(Tokens.Sign(secret, $$"""{"iss":"{{sid}}","exp":{{In(TimeSpan.FromHours(-1))}}}"""), "auth.token_expired");
        await Refused(Tokens.Sign(secret, $$"""{"iss":"{{sid}}","nbf":{{In(TimeSpan.FromHours(1))}}}"""), "auth.token_not_yet_valid");
        await Refused(Tokens.Sign(secret + "x", $$"""{"iss":"{{sid}}"}"""), "auth.token_signature");
        await Refused(Tokens.Sign(secret, $$"""{"iss":"{{sid}}"}""", """{"alg":"none"}"""), "auth.token");
        await Refused($"{Tokens.Encode("""{"alg":"none"}""")}.{Tokens.Encode($$"""{"iss":"{{sid}}"}""")}.", "auth.token");
        await Refused(Tokens.Sign(secret, "{}"), "auth.unknown_key");
        await Refused(Tokens.Sign(secret, """{"iss":"key_01h455vb4pex5vsknk084sn02q"}"""), "auth.unknown_key");
        await Refused(Tokens.Sign(hashed.Secret, $$"""{"iss":"{{hashed.Sid}}"}"""), "auth.unknown_key");

        async Task Refused(string token, string code) => (await service.Get(path, $"Bearer {token}")).ExpectProblem(401, code);
    }

    [Fact]
    public async Task The_name_in_the_header_goes_before_the_issuer()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await Shared(company);
        var header = $$"""{"alg":"HS256","kid":"{{sid}}"}""";

        (await service.Get($"/v1/companies/{company}", $"Bearer {Tokens.Sign(secret, """{"iss":"https://issuer.example"}""", header)}")).Expect(200);
    }

    [Fact]
    public async Task A_revoked_key_signs_nothing_any_more()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await Shared(company);
        Assert.Equal(204, (await service.Delete($"/v1/companies/{company}/api-keys/{sid}")).Status);

        (await service.Get($"/v1/companies/{company}", $"Bearer {Tokens.Sign(secret, $$"""{"iss":"{{sid}}"}""")}")).ExpectProblem(401, "auth.unknown_key");
    }

    [Fact]
    public async Task A_token_carries_the_scopes_and_the_company_of_its_key()
    {
        var mine = await service.GivenCompany();
        var foreign = await service.GivenCompany();
        var (sid, secret) = await Shared(mine);
        var token = $"Bearer {Tokens.Sign(secret, $$"""{"iss":"{{sid}}","scopes":["admin"]}""")}";

        (await service.Get($"/v1/companies/{foreign}", token)).ExpectProblem(404, "company.not_found");
        (await service.Get("/v1/companies", token)).ExpectProblem(403, "auth.scope");
    }

    private async Task<(string Sid, string Secret)> Shared(string company) => await service.GivenSharedSecret(company, "read");
}
