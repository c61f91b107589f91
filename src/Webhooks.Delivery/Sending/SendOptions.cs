using Webhooks.Domain;

namespace Webhooks.Delivery.Sending;

/// <summary>How a request travels where that is not as by default.</summary>
/// <param name="Http2">HTTP/2 where the receiver agrees to it in the TLS handshake, else 1.1.</param>
/// <param name="Gzip">Compress the body. The header that says so is among the request's own.</param>
/// <param name="Tls">Null: no client certificate, and the system's authorities.</param>
/// <param name="OAuth">Null: no token to fetch. Else Authorization is added as the last header that does not describe the body.</param>
public sealed record SendOptions(bool Http2 = false, bool Gzip = false, TlsIdentity? Tls = null, OAuthCredentials? OAuth = null);

/// <summary>What a token endpoint is asked with.</summary>
/// <param name="Version">Of the webhook: another one has another token.</param>
public sealed record OAuthCredentials(WebhookId Webhook, int Version, Uri TokenUrl, string ClientId, string ClientSecret, string? Scope, string? Audience)
{
    /// <summary>Leaves the secret out of logs.</summary>
    public override string ToString() => $"{ClientId} at {TokenUrl.Host}";
}
