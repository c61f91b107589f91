using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of <c>auth</c> and <c>transport</c> mean.</summary>
internal static class TransportDocs
{
    public static readonly FieldDoc[] Fields =
    [
        .. AuthDocs.Fields,
        Documentation.Optional("transport", "How requests travel. All as by default when left out."),
        Documentation.Optional("transport.http_version", "1.1, or 2 for HTTP/2 where the receiver agrees to it in the TLS handshake and 1.1 where not. 1.1 when left out.").Among<HttpVersionChoice>(),
        Documentation.Optional("transport.compression", "gzip compresses bodies; the signature is over what is compressed. None when left out.").Among<BodyCompression>(),
        Documentation.Optional("transport.traceparent", "Whether requests carry the W3C header traceparent. The installation's default when left out."),
        Documentation.Optional("transport.client_certificate", "Shown to receivers that ask for one, over https. Must be valid when it is given; once expired, attempts fail with class tls."),
        Documentation.Required("transport.client_certificate.certificate", "PEM; those between it and its root after it.").Within(1, CertificateRules.MaxPemLength),
        Documentation.Required("transport.client_certificate.private_key", $"PEM, not encrypted; always shown as {HeaderAnswer.Redacted}, which sent back keeps it.").Within(1, CertificateRules.MaxPemLength),
        Documentation.Optional("transport.ca", $"PEM of the authorities to trust in place of the system's, roots among them: at most {CertificateRules.MaxCertificates} certificates. The token endpoint's certificate is judged by them too.").Within(1, CertificateRules.MaxPemLength),
    ];
}
