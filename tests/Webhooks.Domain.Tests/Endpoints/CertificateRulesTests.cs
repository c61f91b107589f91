using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Tests.Endpoints;

public class CertificateRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly (string Certificate, string Key) Leaf = Make("CN=leaf", isAuthority: false);
    private static readonly (string Certificate, string Key) Root = Make("CN=root", isAuthority: true);

    private static (string Certificate, string Key) Make(string subject, bool isAuthority, int from = -10, int until = 10)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (isAuthority)
        {
            request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        }

        using var certificate = request.CreateSelfSigned(Now.AddDays(from), Now.AddDays(until));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static void Refused(string field, string code, Refusal? refusal)
    {
        Assert.Equal((field, code), (refusal?.Field, refusal?.Code));
        Assert.DoesNotContain("BEGIN", refusal!.Detail, StringComparison.Ordinal);
    }

    private static Refusal? Client(string certificate, string key) => CertificateRules.RefuseClient(certificate, key, Now, "c");

    private static Refusal? Authorities(string pem) => CertificateRules.RefuseAuthorities(pem, Now, "ca");

    [Fact]
    public void A_certificate_with_its_key_is_taken()
    {
        Assert.Null(Client(Leaf.Certificate, Leaf.Key));
        Assert.Null(Client($"{Leaf.Certificate}\n{Root.Certificate}", Leaf.Key));
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        Assert.Null(Client(certificate.ExportCertificatePem(), rsa.ExportRSAPrivateKeyPem()));
    }

    [Fact]
    public void The_key_must_be_its_own_and_readable()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = other.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        foreach (var key in new[] { other.ExportPkcs8PrivateKeyPem(), encrypted, "rubbish", Leaf.Certificate })
        {
            Refused("c.private_key", "certificate.private_key", Client(Leaf.Certificate, key));
        }
    }

    [Fact]
    public void What_is_no_certificate_is_told_as_such()
    {
        foreach (var certificate in new[] { "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", string.Concat(Enumerable.Repeat(Leaf.Certificate + "\n", 21)) })
        {
            Refused("c.certificate", "certificate.form", Client(certificate, Leaf.Key));
        }
    }

    [Fact]
    public void A_key_among_the_certificates_would_be_stored_openly_and_is_refused()
    {
        Refused("c.certificate", "certificate.form", Client($"{Leaf.Certificate}\n{Leaf.Key}", Leaf.Key));
        Refused("ca", "certificate.form", Authorities($"{Root.Certificate}\n{Root.Key}"));
    }

    [Fact]
    public void One_that_is_not_valid_now_is_refused()
    {
        var (expired, oldKey) = Make("CN=old", isAuthority: true, until: -1);
        var (early, newKey) = Make("CN=new", isAuthority: true, from: 1);
        Refused("c.certificate", "certificate.expired", Client(expired, oldKey));
        Refused("c.certificate", "certificate.not_yet_valid", Client(early, newKey));
        Refused("ca", "certificate.expired", Authorities($"{Root.Certificate}\n{expired}"));
        Refused("ca", "certificate.not_yet_valid", Authorities(early));
    }

    [Fact]
    public void Authorities_are_authorities_and_a_root_is_among_them()
    {
        Assert.Null(Authorities(Root.Certificate));
        Refused("ca", "certificate.not_an_authority", Authorities($"{Root.Certificate}\n{Leaf.Certificate}"));
        Refused("ca", "certificate.form", Authorities("rubbish"));

        using var root = X509Certificate2.CreateFromPem(Root.Certificate, Root.Key);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var between = new CertificateRequest("CN=between", key, HashAlgorithmName.SHA256);
        between.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        using var signed = between.Create(root, Now.AddDays(-1), Now.AddDays(1), [1, 2, 3]);
        Refused("ca", "certificate.no_root", Authorities(signed.ExportCertificatePem()));
        Assert.Null(Authorities($"{signed.ExportCertificatePem()}\n{Root.Certificate}"));
    }
}
