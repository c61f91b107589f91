using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Webhooks.Delivery.Sending;

/// <summary>The HTTP stack as every request leaves through it, whatever its TLS identity.</summary>
/// <param name="roots">The certificates trusted where the identity names none; null for the machine's own.</param>
internal sealed class EgressHandler(EgressOptions options, GuardedDialer dialer, X509Certificate2Collection? roots)
{
    private const int MaxResponseHeaderKilobytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <returns>The stack, and until when its client certificate is valid.</returns>
    public (HttpMessageInvoker Invoker, DateTimeOffset ValidUntil) Open(TlsIdentity? identity)
    {
        var certificate = Certificate(identity);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = dialer.Dial,
            RequestHeaderEncodingSelector = RenewedRequest.EncodingOf,
            // Never the first limit reached: the deadline of the request is.
            ConnectTimeout = EgressClient.LongestDeadline + TimeSpan.FromSeconds(5),
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = options.MaxConnectionsPerServer,
            MaxResponseHeadersLength = MaxResponseHeaderKilobytes,
            // What was not read is not worth reading: drop the connection.
            MaxResponseDrainSize = 0,
            // A name that moved is followed, and a new address judged, within this time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            // Of HTTP/2, where one silent connection would hold every request to its host until each deadline.
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = Tls(identity, certificate),
        };
        return (new HttpMessageInvoker(handler), certificate is null ? DateTimeOffset.MaxValue : certificate.NotAfter);
    }

    /// <summary>The same rules, for a connection that is not HTTP's.</summary>
    /// <param name="host">Whose certificate is expected.</param>
    public SslClientAuthenticationOptions Tls(TlsIdentity? identity, string host)
    {
        var tls = Tls(identity, Certificate(identity));
        tls.TargetHost = host;
        return tls;
    }

    private static X509Certificate2? Certificate(TlsIdentity? identity) => identity?.Certificate is { } pem ? X509Certificate2.CreateFromPem(pem, identity.PrivateKey) : null;

    private SslClientAuthenticationOptions Tls(TlsIdentity? identity, X509Certificate2? certificate) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = ChainPolicy(Pem(identity?.Ca) ?? roots),
        // Offline: what is missing of the chain is not fetched.
        ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, Pem(identity?.Certificate), offline: true),
    };

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection? roots)
    {
        var policy = new X509ChainPolicy
        {
            // A certificate may name URLs of further certificates: fetching them would be a way around the guard.
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            ApplicationPolicy = { new Oid(ServerAuthentication) },
        };
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    private static X509Certificate2Collection? Pem(string? pem)
    {
        if (pem is null)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
