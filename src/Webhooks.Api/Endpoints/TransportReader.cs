using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>transport</c>.</summary>
internal sealed class TransportReader(SecretSealer sealer, TimeProvider time)
{
    private const string Field = "transport";

    /// <param name="url">Of the webhook.</param>
    /// <param name="present">What the webhook has: <c>[redacted]</c> keeps its key, and what is not changed is not judged again.</param>
    /// <returns>Null when it is missing or null, or all as by default.</returns>
    public Transport? Read(WebhookId webhook, Fields body, string url, Transport? present)
    {
        if (body.OptionalObject(Field) is not { } transport)
        {
            return null;
        }

        var read = new Transport(
            transport.OptionalEnum<HttpVersionChoice>("http_version"),
            transport.OptionalEnum<BodyCompression>("compression"),
            transport.OptionalBoolean("traceparent"),
            ReadCertificate(webhook, body, transport, present?.ClientCertificate),
            transport.OptionalString("ca", 1, CertificateRules.MaxPemLength));
        if (read.Ca is { } ca && ca != present?.Ca)
        {
            body.Refuse(CertificateRules.RefuseAuthorities(ca, time.GetUtcNow(), $"{Field}.ca"));
        }

        if ((read.Ca ?? read.ClientCertificate?.Certificate) is not null && url.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
        {
            transport.Refuse(read.Ca is null ? "client_certificate" : "ca", "transport.https_only", "Is of use over TLS only: the url must start with https://.");
        }

        return read == new Transport() ? null : read;
    }

    private ClientCertificate? ReadCertificate(WebhookId webhook, Fields body, Fields transport, ClientCertificate? present)
    {
        if (transport.OptionalObject("client_certificate") is not { } pair)
        {
            return null;
        }

        var certificate = pair.String("certificate", 1, CertificateRules.MaxPemLength);
        var key = pair.String("private_key", 1, CertificateRules.MaxPemLength);
        if (key == HeaderAnswer.Redacted)
        {
            if (present is null)
            {
                pair.Refuse("private_key", "certificate.redacted", $"'{HeaderAnswer.Redacted}' keeps the key that the webhook has, and it has none.");
                return null;
            }

            key = sealer.Open(present.PrivateKey, webhook.ToString());
        }

        if (certificate.Length == 0 || key.Length == 0)
        {
            return null;
        }

        var read = new ClientCertificate(certificate, sealer.Seal(key, webhook.ToString()));
        if (read != present)
        {
            body.Refuse(CertificateRules.RefuseClient(certificate, key, time.GetUtcNow(), $"{Field}.client_certificate"));
        }

        return read;
    }
}
