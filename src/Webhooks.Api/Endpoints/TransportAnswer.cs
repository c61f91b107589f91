using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>How a webhook authenticates, on the wire: the fields of its kind, the secret never shown.</summary>
public sealed record AuthAnswer(
    string Kind, string? User = null, string? Password = null, string? Token = null,
    string? TokenUrl = null, string? ClientId = null, string? ClientSecret = null, string? Scope = null, string? Audience = null)
{
    internal static AuthAnswer? Of(WebhookAuth? auth) => auth switch
    {
        null => null,
        BasicAuth a => new("basic", User: a.User, Password: HeaderAnswer.Redacted),
        BearerAuth => new("bearer", Token: HeaderAnswer.Redacted),
        OAuth2ClientCredentials a => new("oauth2_client_credentials", TokenUrl: a.TokenUrl, ClientId: a.ClientId, ClientSecret: HeaderAnswer.Redacted, Scope: a.Scope, Audience: a.Audience),
        _ => throw new ArgumentOutOfRangeException(nameof(auth), auth, "No form for this kind."),
    };
}

/// <summary>How requests travel to a webhook, on the wire. Null is as by default.</summary>
public sealed record TransportAnswer(string? HttpVersion, string? Compression, bool? Traceparent, ClientCertificateAnswer? ClientCertificate, string? Ca)
{
    internal static TransportAnswer? Of(Transport? transport) => transport is null ? null : new(
        transport.HttpVersion is { } version ? EnumNames<HttpVersionChoice>.Of(version) : null,
        transport.Compression is { } compression ? EnumNames<BodyCompression>.Of(compression) : null,
        transport.Traceparent,
        transport.ClientCertificate is { } pair ? new ClientCertificateAnswer(pair.Certificate, HeaderAnswer.Redacted) : null,
        transport.Ca);
}

/// <param name="PrivateKey">Never shown.</param>
public sealed record ClientCertificateAnswer(string Certificate, string PrivateKey);
