using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of <c>auth</c> mean.</summary>
internal static class AuthDocs
{
    private const string Secret = $"Always shown as {HeaderAnswer.Redacted}, which sent back keeps it.";

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional(AuthRules.Field, "How requests authenticate in the header Authorization, beside the signature. Excludes a header Authorization of your own. None when left out.").OneOf(
            Documentation.Form(
                """{"kind":"basic","user":"hooks","password":"k7Qv…"}""",
                Documentation.Required("kind", "User name and password.").Among("basic"),
                Documentation.Required("user", "Without a colon; may be empty.").Within(0, AuthRules.MaxUserLength),
                Documentation.Required("password", Secret).Within(0, AuthRules.MaxSecretLength)),
            Documentation.Form(
                """{"kind":"bearer","token":"k7Qv…"}""",
                Documentation.Required("kind", "A token that stays the same.").Among("bearer"),
                Documentation.Required("token", Secret).Within(1, AuthRules.MaxSecretLength)),
            Documentation.Form(
                """{"kind":"oauth2_client_credentials","token_url":"https://id.example.com/token","client_id":"webhooks","client_secret":"k7Qv…","scope":"hooks:write","audience":"https://hooks.example.com"}""",
                Documentation.Required("kind", "A token asked for, and kept while it is valid (RFC 6749, 4.4).").Among("oauth2_client_credentials"),
                Documentation.Required("token_url", "Who is asked; judged as url is.").Within(1, UrlRules.MaxLength),
                Documentation.Required("client_id", "As whom.").Within(1, AuthRules.MaxParameterLength),
                Documentation.Required("client_secret", Secret).Within(1, AuthRules.MaxSecretLength),
                Documentation.Optional("scope", "Not sent when left out.").Within(1, AuthRules.MaxParameterLength),
                Documentation.Optional("audience", "Not sent when left out.").Within(1, AuthRules.MaxParameterLength))),
    ];
}
