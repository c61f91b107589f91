using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>An authority of the test's own, and what it signs.</summary>
internal sealed class Certificates : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _root;

    public Certificates() => _root = Authority("CN=Test root", issuer: null);

    public X509Certificate2Collection Roots => [_root];

    public string RootPem => _root.ExportCertificatePem();

    /// <summary>For a client to show, as a webhook has it.</summary>
    public (string Certificate, string PrivateKey) Client(string name, int validDays = 30)
    {
        using var certificate = Sign(_root, name, validDays, ClientAuthentication, missingIssuer: null);
        using var key = certificate.GetECDsaPrivateKey()!;
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Server(string name, int validDays = 30, string usage = ServerAuthentication) => Sign(_root, name, validDays, usage, missingIssuer: null);

    /// <summary>Signed by an authority that the server does not present, but tells where to fetch.</summary>
    public X509Certificate2 ServerPointingAt(Uri missingIssuer, string name)
    {
        using var between = Authority("CN=Test intermediate", _root);
        return Sign(between, name, 30, ServerAuthentication, missingIssuer);
    }

    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        Name(request, name);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public void Dispose() => _root.Dispose();

    private static X509Certificate2 Authority(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-60), DateTimeOffset.UtcNow.AddDays(60));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, until);
        }

        using var signed = request.Create(issuer, from.AddDays(1), until.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Sign(X509Certificate2 issuer, string name, int validDays, string usage, Uri? missingIssuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        Name(request, name);
        if (missingIssuer is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: [missingIssuer.ToString()], caIssuersUris: [missingIssuer.ToString()]));
        }

        var until = DateTimeOffset.UtcNow.AddDays(validDays);
        using var signed = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-40), until, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static void Name(CertificateRequest request, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
    }
}

internal static class CertificateJudging
{
    /// <summary>As a server does that trusts this authority alone.</summary>
    public static bool Verify(this X509Certificate2 certificate, Certificates authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority.Roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
