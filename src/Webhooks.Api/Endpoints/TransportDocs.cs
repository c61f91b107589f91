using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of <c>auth</c> and <c>transport</c> mean.</summary>
internal static class TransportDocs
{
    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("auth", $$"""How requests authenticate in the header Authorization, beside the signature: {"kind":"basic","user","password"}, {"kind":"bearer","token"} or {"kind":"oauth2_client_credentials","token_url","client_id","client_secret","scope","audience"}, the last two optional. Secrets, at most {{AuthRules.MaxSecretLength}} characters, are always shown as {{HeaderAnswer.Redacted}}; {{HeaderAnswer.Redacted}} sent back keeps them. Excludes a header Authorization. None when left out."""),
        Documentation.Optional("transport", "How requests travel. All as by default when left out."),
        Documentation.Optional("transport.http_version", "1.1, or 2 for HTTP/2 where the receiver agrees to it in the TLS handshake and 1.1 where not. 1.1 when left out."),
        Documentation.Optional("transport.compression", "gzip compresses bodies; the signature is over what is compressed. None when left out."),
        Documentation.Optional("transport.traceparent", "Whether requests carry the W3C header traceparent. The installation's default when left out."),
        Documentation.Optional("transport.client_certificate", $"Shown to receivers that ask for one, over https: certificate (PEM, those between it and its root after it) and private_key (PEM, not encrypted; always shown as {HeaderAnswer.Redacted}, which sent back keeps it). Must be valid when it is given; once expired, attempts fail with class tls."),
        Documentation.Optional("transport.ca", $"PEM of the authorities to trust in place of the system's, roots among them: at most {CertificateRules.MaxCertificates} certificates. The token endpoint's certificate is judged by them too."),
    ];
}
