using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Webhooks.Domain.Endpoints;

/// <summary>Which certificates may be registered: ones that a TLS handshake would accept now.</summary>
public static class CertificateRules
{
    public const int MaxPemLength = 32 * 1024;
    public const int MaxCertificates = 20;

    /// <param name="key">PEM in the clear. No refusal quotes it.</param>
    /// <param name="field">Of the client certificate; <c>.certificate</c> or <c>.private_key</c> is added.</param>
    public static Refusal? RefuseClient(string certificate, string key, DateTimeOffset now, string field)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            if (Read(certificate, chain) is { } problem)
            {
                return Refusal.Invalid($"{field}.certificate", "certificate.form", problem);
            }

            if (RefuseTime(chain[0], now, $"{field}.certificate") is { } refusal)
            {
                return refusal;
            }

            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return Refusal.Invalid($"{field}.private_key", "certificate.private_key", "Must be the PEM of the first certificate's private key, not encrypted.");
        }
        finally
        {
            Dispose(chain);
        }
    }

    /// <param name="pem">Certificates to trust.</param>
    public static Refusal? RefuseAuthorities(string pem, DateTimeOffset now, string field)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            return Read(pem, authorities) is { } problem ? Refusal.Invalid(field, "certificate.form", problem)
                : !authorities.All(IsAuthority) ? Refusal.Invalid(field, "certificate.not_an_authority", "Every certificate must be one of an authority (basic constraints: CA).")
                : !authorities.Any(IsRoot) ? Refusal.Invalid(field, "certificate.no_root", "Must hold a root: a certificate that names itself as its issuer.")
                : authorities.Select(a => RefuseTime(a, now, field)).FirstOrDefault(r => r is not null);
        }
        finally
        {
            Dispose(authorities);
        }
    }

    /// <returns>What is wrong with the text; null when <paramref name="read"/> holds its certificates.</returns>
    private static string? Read(string pem, X509Certificate2Collection read)
    {
        // Where keys stand beside certificates, they would be stored as openly as these.
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return "Must hold no private key.";
        }

        try
        {
            read.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return "Must be certificates in PEM.";
        }

        return read.Count is >= 1 and <= MaxCertificates ? null : $"Must hold 1 to {MaxCertificates} certificates in PEM.";
    }

    private static Refusal? RefuseTime(X509Certificate2 certificate, DateTimeOffset now, string field) =>
        now > certificate.NotAfter ? Refusal.Invalid(field, "certificate.expired", $"The certificate expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.")
        : now < certificate.NotBefore ? Refusal.Invalid(field, "certificate.not_yet_valid", $"The certificate is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on.")
        : null;

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}
