using System.Text;
using System.Text.Json.Serialization;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>How requests prove to the receiver who sends them, in the header Authorization and beside the signature.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BasicAuth), "basic")]
[JsonDerivedType(typeof(BearerAuth), "bearer")]
[JsonDerivedType(typeof(OAuth2ClientCredentials), "oauth2_client_credentials")]
public abstract record WebhookAuth
{
    /// <summary>The part that nobody is shown.</summary>
    [JsonIgnore]
    public abstract SealedSecret Secret { get; }

    /// <summary>The wire's name of <see cref="Secret"/>.</summary>
    [JsonIgnore]
    public abstract string SecretName { get; }

    /// <returns>The value of Authorization; null where a token has to be fetched first.</returns>
    public abstract string? Authorization(string openedSecret);
}

/// <summary>User and password, as RFC 7617 writes them: in UTF-8.</summary>
public sealed record BasicAuth(string User, SealedSecret Password) : WebhookAuth
{
    [JsonIgnore]
    public override SealedSecret Secret => Password;

    [JsonIgnore]
    public override string SecretName => "password";

    public override string Authorization(string openedSecret) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{openedSecret}"))}";
}

/// <summary>A token that never changes by itself.</summary>
public sealed record BearerAuth(SealedSecret Token) : WebhookAuth
{
    [JsonIgnore]
    public override SealedSecret Secret => Token;

    [JsonIgnore]
    public override string SecretName => "token";

    public override string Authorization(string openedSecret) => $"Bearer {openedSecret}";
}

/// <summary>A bearer token fetched from an OAuth 2 token endpoint (RFC 6749, 4.4), kept until shortly before it expires.</summary>
/// <param name="TokenUrl">Absolute http or https, judged like the webhook's own URL.</param>
/// <param name="Scope">Sent as it stands, where given.</param>
/// <param name="Audience">Sent as it stands, where given.</param>
public sealed record OAuth2ClientCredentials(string TokenUrl, string ClientId, SealedSecret ClientSecret, string? Scope, string? Audience) : WebhookAuth
{
    [JsonIgnore]
    public override SealedSecret Secret => ClientSecret;

    [JsonIgnore]
    public override string SecretName => "client_secret";

    public override string? Authorization(string openedSecret) => null;
}
