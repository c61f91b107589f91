using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Companies;

/// <summary>POST /v1/companies/{sid}/api-keys</summary>
public static class IssueCompanyApiKey
{
    private const int MaxScopes = 4;

    /// <summary>In characters. HS256 asks for as many bits as it yields.</summary>
    private const int MinSharedSecretLength = 32;
    private const int MaxSharedSecretLength = 200;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/companies/{sid}/api-keys", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("API keys")
        .WithSummary("Issue an API key")
        .WithDescription("The secret is shown by this answer alone, and kept nowhere in the clear. The key's sid is the user name of Basic authentication. A key of the kind shared_secret also signs tokens (JWT, HS256) that are taken as Bearer, and the requests of webhooks made through the GetStream API.")
        .Takes(
            """{"label":"Production","scopes":["emit","read"],"kind":"hashed","secret":"kJ2mW8kJ2mW8kJ2mW8kJ2mW8kJ2mW8kJ2mW8"}""",
            Documentation.Required("label", "For people: 1 to 200 characters."),
            Documentation.Required("scopes", "At least one of emit, manage, read; admin for the installation's own keys alone."),
            Documentation.Optional("kind", "hashed: the service recognises the secret, and could not tell it. shared_secret: it is kept encrypted, because both sides sign with it. hashed when left out."),
            Documentation.Optional("secret", $"A secret that receivers and clients have already, for the kind shared_secret alone: {MinSharedSecretLength} to {MaxSharedSecretLength} visible ASCII characters. Left out, one is made."))
        .Answers(201, "Issued; the secret is shown this once.", $$"""{"api_key":{{ApiKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, CommandRunner commands, KeyRing ring, SecretSealer sealer)
    {
        var company = CompanyTarget.Parse(http, sid);
        var body = await JsonBody.Read(http);
        var label = body.String("label", 1, Company.MaxLabelLength);
        var scopes = body.Enums<Scopes>("scopes", MaxScopes).Aggregate(Scopes.None, (all, scope) => all | scope);
        var kind = body.OptionalEnum<ApiKeyKind>("kind") ?? ApiKeyKind.Hashed;
        var secret = ReadSecret(body, kind) ?? FirstKey.NewSecret();
        body.Done();

        var key = new ApiKeyId(Guid.CreateVersion7());
        var command = kind == ApiKeyKind.SharedSecret
            ? new IssueApiKey(key, label, scopes, SecretHash: null, sealer.Seal(secret, key.ToString()))
            : new IssueApiKey(key, label, scopes, FirstKey.Hash(secret));
        var outcome = await commands.Run(http, CompanyTarget.Of(company), company, state => Company.Decide(state, command));
        ring.Invalidate(command.Key);
        return Wire.Created(http, $"/v1/companies/{company}/api-keys/{command.Key}", outcome.Version, new
        {
            api_key = new ApiKeyAnswer(command.Key, company, label, ApiKeyAnswer.NamesOf(scopes), kind, secret, outcome.ChangedAt),
        });
    }

    /// <summary>Null: one is to be made.</summary>
    private static string? ReadSecret(Fields body, ApiKeyKind kind)
    {
        var secret = body.OptionalString("secret", MinSharedSecretLength, MaxSharedSecretLength);
        if (secret is not null && kind != ApiKeyKind.SharedSecret)
        {
            body.Refuse("secret", "api_key.secret", "Only a key of the kind shared_secret takes a secret of yours; others get one made here.");
        }
        else if (secret is not null && secret.Any(c => c is <= ' ' or > '~'))
        {
            body.Refuse("secret", "api_key.secret", "Must be visible ASCII characters, without spaces.");
        }

        return secret;
    }
}
