using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>The one way out: every request to an address that somebody else chose goes through here, and so past the guard.</summary>
public sealed class EgressClient : IDisposable
{
    private const int MaxResponseHeaderKilobytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromSeconds(60);
    private static readonly SendResult Empty = new(null, null, null, [], [], false, TimeSpan.Zero);

    private readonly EgressOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;

    /// <exception cref="ValidationException">An option is out of bounds; the message names it.</exception>
    public EgressClient(EgressOptions options, TimeProvider time)
        : this(options, time, null)
    {
    }

    /// <param name="resolve">Null for the machine's own: where private networks are allowed, its private names are meant too.</param>
    /// <param name="roots">The certificates trusted, none beside them; null for the machine's own.</param>
    internal EgressClient(EgressOptions options, TimeProvider time, ResolveName? resolve, X509Certificate2Collection? roots = null)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        (_options, _time) = (options, time);
        var allowed = options.ParseAllowNetworks();
        var dialer = new GuardedDialer(allowed, resolve ?? (allowed.IsEmpty ? GuardedDialer.FromRoot : GuardedDialer.AsGiven));
        _invoker = new HttpMessageInvoker(Handler(options, dialer, roots));
    }

    /// <summary>Sends once; never again by itself, except a request without a body whose kept-alive connection the other side had just closed.</summary>
    /// <returns>The outcome, whatever the other side does.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled; whether the request arrived is unknown.</exception>
    public async Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ct.ThrowIfCancellationRequested();
        var started = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(request.Timeout, _time);
        await using var caller = ct.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        var result = Empty;
        try
        {
            using var message = Build(request);
            using var response = await _invoker.SendAsync(message, deadline.Token);
            result = Empty with { StatusCode = (int)response.StatusCode, ResponseHeaders = ResponseRecording.Headers(response) };
            result = await Complete(result, response, deadline.Token);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (Exception e)
        {
            var (failure, detail) = SendFailures.Classify(e, deadline.IsCancellationRequested);
            result = result with { Failure = failure, Detail = detail };
        }

        return result with { Duration = _time.GetElapsedTime(started) };
    }

    public void Dispose() => _invoker.Dispose();

    private HttpRequestMessage Build(OutgoingRequest request) => request.Url.Scheme switch
    {
        "https" => RequestMessage.Build(request),
        "http" when !_options.HttpsOnly => RequestMessage.Build(request),
        "http" => throw new UnsendableRequestException(FailureClass.Blocked, "This installation sends over TLS only."),
        _ => throw new UnsendableRequestException(FailureClass.Blocked, "The URL starts with neither https:// nor http://."),
    };

    private async ValueTask<SendResult> Complete(SendResult head, HttpResponseMessage response, CancellationToken ct)
    {
        // After a switch of protocols there is no body, only a connection that would have to be read for ever.
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return head with { Failure = FailureClass.Status, Detail = "The response was 101, an answer to a question not asked." };
        }

        var (body, truncated) = await ResponseRecording.Body(await response.Content.ReadAsStreamAsync(ct), _options.MaxStoredResponseBytes, _options.MaxReadResponseBytes, ct);
        var complete = head with { ResponseBody = body, ResponseTruncated = truncated };
        return response.IsSuccessStatusCode ? complete : complete with { Failure = FailureClass.Status, Detail = $"The response was {head.StatusCode}." };
    }

    private static SocketsHttpHandler Handler(EgressOptions options, GuardedDialer dialer, X509Certificate2Collection? roots) => new()
    {
        ConnectCallback = dialer.Dial,
        // Never the first limit reached: the deadline of the request is.
        ConnectTimeout = LongestDeadline + TimeSpan.FromSeconds(5),
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
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = ChainPolicy(roots),
        },
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
}
