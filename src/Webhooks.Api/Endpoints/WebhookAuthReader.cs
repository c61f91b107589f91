using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>auth</c>, whose fields follow from its <c>kind</c>.</summary>
internal sealed class WebhookAuthReader(SecretSealer sealer, AllowedNetworks allowed, bool httpsOnly)
{
    private static readonly string[] Kinds = ["basic", "bearer", "oauth2_client_credentials"];
    private static readonly string[] AllFields = ["user", "password", "token", "token_url", "client_id", "client_secret", "scope", "audience"];

    /// <param name="present">What the webhook has: <c>[redacted]</c> keeps its secret.</param>
    /// <returns>Null when it is missing or null, or breaks a rule.</returns>
    public WebhookAuth? Read(WebhookId webhook, Fields body, WebhookAuth? present)
    {
        if (body.OptionalObject(AuthRules.Field) is not { } auth)
        {
            return null;
        }

        var kind = auth.String("kind", 1, 40);
        switch (kind)
        {
            case "basic":
                var user = auth.String("user", 0, AuthRules.MaxUserLength);
                return Judged(body, Secret(auth, "password", 0, present as BasicAuth, webhook), webhook, secret => new BasicAuth(user, secret));
            case "bearer":
                return Judged(body, Secret(auth, "token", 1, present as BearerAuth, webhook), webhook, secret => new BearerAuth(secret));
            case "oauth2_client_credentials":
                return ReadOAuth(webhook, body, auth, present as OAuth2ClientCredentials);
            default:
                // Which of the others belong here nobody knows, so none of them is called unknown.
                Array.ForEach(AllFields, name => auth.Presence(name));
                if (kind.Length > 0)
                {
                    auth.Refuse("kind", "field.value", $"Must be one of {string.Join(", ", Kinds)}.{DidYouMean.Hint(kind, Kinds)}");
                }

                return null;
        }
    }

    private WebhookAuth? ReadOAuth(WebhookId webhook, Fields body, Fields auth, OAuth2ClientCredentials? present)
    {
        var url = auth.String("token_url", 1, UrlRules.MaxLength);
        if (url.Length > 0)
        {
            body.Refuse(UrlRules.Refuse(url, allowed, $"{AuthRules.Field}.token_url", httpsOnly));
        }

        var id = auth.String("client_id", 1, AuthRules.MaxParameterLength);
        var scope = auth.OptionalString("scope", 1, AuthRules.MaxParameterLength);
        var audience = auth.OptionalString("audience", 1, AuthRules.MaxParameterLength);
        var secret = Secret(auth, "client_secret", 1, present, webhook, present is null || (present.TokenUrl, present.ClientId) == (url, id));
        return Judged(body, secret, webhook, secret => new OAuth2ClientCredentials(url, id, secret, scope, audience));
    }

    /// <param name="secret">Null where it broke a rule.</param>
    private WebhookAuth? Judged(Fields body, string? secret, WebhookId webhook, Func<SealedSecret, WebhookAuth> make)
    {
        if (secret is null)
        {
            return null;
        }

        var auth = make(sealer.Seal(secret, webhook.ToString()));
        body.Refuse(AuthRules.Refuse(auth, secret));
        return auth;
    }

    /// <param name="mayKeep">Whether it goes where it went before: a secret kept for another endpoint would be told to that one.</param>
    private string? Secret(Fields auth, string name, int min, WebhookAuth? present, WebhookId webhook, bool mayKeep = true)
    {
        var given = auth.OptionalString(name, min, AuthRules.MaxSecretLength);
        if (given == HeaderAnswer.Redacted)
        {
            if (present is null)
            {
                auth.Refuse(name, "auth.redacted", $"'{HeaderAnswer.Redacted}' keeps the secret that the webhook has, and it has none of this kind.");
            }
            else if (!mayKeep)
            {
                auth.Refuse(name, "auth.redacted", "A secret is kept for the same token_url and client_id alone: give it anew.");
            }

            return present is null || !mayKeep ? null : sealer.Open(present.Secret, webhook.ToString());
        }

        if (auth.Presence(name) != Presence.Value)
        {
            auth.Refuse(name, "field.required", "Is required.");
        }

        return given;
    }
}
