using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Webhooks.Delivery.Destinations;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>The one way out: every request to an address that somebody else chose goes through here, and so past the guard.</summary>
public sealed class EgressClient : IDestination, IDisposable
{
    internal static readonly TimeSpan LongestDeadline = TimeSpan.FromSeconds(60);
    private const int MaxTokenResponseBytes = 64 * 1024;
    private static readonly SendResult Empty = new(null, null, null, [], [], false, TimeSpan.Zero);

    private readonly EgressOptions _options;
    private readonly TimeProvider _time;
    private readonly ConnectionPools _pools;
    private readonly AccessTokens _tokens;
    private readonly GuardedDialer _dialer;
    private readonly EgressHandler _handler;
    private readonly bool _hasProxy;

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
        var proxy = options.ParseProxy();
        _hasProxy = proxy is not null;
        _dialer = new GuardedDialer(
            allowed, resolve ?? (allowed.IsEmpty ? GuardedDialer.FromRoot : GuardedDialer.AsGiven), proxy is null ? null : new ProxyTunnel(proxy));
        _handler = new EgressHandler(options, _dialer, roots);
        _pools = new ConnectionPools(_handler.Open, options.MaxOwnPools);
        _tokens = new AccessTokens((request, ct) => Ask(request, MaxTokenResponseBytes, ct), time);
    }

    /// <summary>Whether webhooks that do not say so get the header traceparent.</summary>
    public bool Traceparent => _options.Traceparent;

    internal EgressOptions Options => _options;

    /// <summary>
    /// Sends once; never again by itself, except a request without a body whose kept-alive connection the other side had
    /// just closed, a stream of HTTP/2 that the receiver says it has not looked at, and one that was answered 401 to a
    /// token kept from before: that one goes again with a new token.
    /// </summary>
    /// <returns>The outcome, whatever the other side does.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled; whether the request arrived is unknown.</exception>
    public Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Options?.OAuth is { } credentials
            ? SendWithToken(request, credentials, ct)
            : Exchange(request, _options.MaxStoredResponseBytes, _options.MaxReadResponseBytes, ct);
    }

    /// <summary>Sends a request of the service's own making, whose answer is read for more than the audit.</summary>
    /// <param name="maxAnswer">Bytes of the answer that are read and returned.</param>
    /// <returns>The outcome; <see cref="Shorten"/> it before it is recorded.</returns>
    internal Task<SendResult> Ask(OutgoingRequest request, int maxAnswer, CancellationToken ct) => Exchange(request, maxAnswer, maxAnswer, ct);

    /// <summary>The outcome with as much of the answer as is kept with an attempt.</summary>
    internal SendResult Shorten(SendResult result) => result.ResponseBody.Length <= _options.MaxStoredResponseBytes
        ? result
        : result with { ResponseBody = result.ResponseBody[.._options.MaxStoredResponseBytes], ResponseTruncated = true };

    /// <summary>Connects to a message broker past the guard, by TLS where it is asked for.</summary>
    /// <exception cref="DialException">No connection was made.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The TLS handshake failed.</exception>
    internal async Task<NetworkStream> Connect(string host, int port, bool tls, TlsIdentity? identity, CancellationToken ct)
    {
        if (_options.HttpsOnly && !tls)
        {
            throw new DialException(FailureClass.Blocked, "This installation sends over TLS only.");
        }

        var stream = await _dialer.DialBroker(host, port, ct);
        return tls ? await TlsConnection.Open(stream, _handler.Tls(identity, host), ct) : stream;
    }

    public void Dispose() => _pools.Dispose();

    private async Task<SendResult> SendWithToken(OutgoingRequest request, OAuthCredentials credentials, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        var token = await Token(request, credentials, null, started, ct);
        var result = await SendWith(token, request, started, ct);
        if (result.StatusCode == (int)HttpStatusCode.Unauthorized && _tokens.IsWorthReplacing(credentials, token, started))
        {
            token = await Token(request, credentials, token, started, ct);
            result = await SendWith(token, request, started, ct);
        }

        return result with { Duration = _time.GetElapsedTime(started) };
    }

    private async Task<AccessToken> Token(OutgoingRequest request, OAuthCredentials credentials, AccessToken? refused, long started, CancellationToken ct)
    {
        try
        {
            return await _tokens.Get(credentials, request.Options?.Tls, refused).WaitAsync(Left(request, started), _time, ct);
        }
        catch (TimeoutException)
        {
            return AccessToken.Failed(FailureClass.Auth, "The token endpoint did not answer before the deadline.");
        }
    }

    private async Task<SendResult> SendWith(AccessToken token, OutgoingRequest request, long started, CancellationToken ct)
    {
        if (token.Failure is not null)
        {
            return Empty with { Failure = token.Failure, Detail = token.Detail };
        }

        var authorized = request with { Headers = [.. request.Headers, new Header(ConfiguredHeaders.Authorization, $"Bearer {token.Value}")], Timeout = Left(request, started) };
        return await Exchange(authorized, _options.MaxStoredResponseBytes, _options.MaxReadResponseBytes, ct);
    }

    private TimeSpan Left(OutgoingRequest request, long started)
    {
        var left = request.Timeout - _time.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>One request, one response.</summary>
    private async Task<SendResult> Exchange(OutgoingRequest request, int maxStored, int maxRead, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var started = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(request.Timeout, _time);
        await using var caller = ct.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        var result = Empty;
        var progress = _hasProxy ? new DialProgress() : null;
        try
        {
            using var pool = _pools.Rent(request.Options?.Tls);
            using var message = Build(request, pool.ValidUntil);
            if (progress is not null)
            {
                message.Options.Set(DialProgress.Of, progress);
            }

            using var response = await pool.Invoker.SendAsync(message, deadline.Token);
            result = Empty with { StatusCode = (int)response.StatusCode, ResponseHeaders = ResponseRecording.Headers(response) };
            result = await Complete(result, response, maxStored, maxRead, deadline.Token);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (Exception e)
        {
            var (failure, detail) = SendFailures.Classify(e, deadline.IsCancellationRequested, progress is { AtProxy: true }, result.StatusCode is not null);
            result = result with { Failure = failure, Detail = detail };
        }

        return result with { Duration = _time.GetElapsedTime(started) };
    }

    private HttpRequestMessage Build(OutgoingRequest request, DateTimeOffset validUntil) => request.Url.Scheme switch
    {
        _ when validUntil < DateTimeOffset.MaxValue && validUntil < _time.GetUtcNow() => throw new UnsendableRequestException(FailureClass.Tls, "The webhook's client certificate has expired."),
        "https" => RequestMessage.Build(request),
        "http" when !_options.HttpsOnly => RequestMessage.Build(request),
        "http" => throw new UnsendableRequestException(FailureClass.Blocked, "This installation sends over TLS only."),
        _ => throw new UnsendableRequestException(FailureClass.Blocked, "The URL starts with neither https:// nor http://."),
    };

    private async ValueTask<SendResult> Complete(SendResult head, HttpResponseMessage response, int maxStored, int maxRead, CancellationToken ct)
    {
        // After a switch of protocols there is no body, only a connection that would have to be read for ever.
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            return head with { Failure = FailureClass.Status, Detail = "The response was 101, an answer to a question not asked." };
        }

        var (body, truncated) = await ResponseRecording.Body(await response.Content.ReadAsStreamAsync(ct), maxStored, maxRead, ct);
        var complete = head with { ResponseBody = body, ResponseTruncated = truncated };
        return response.IsSuccessStatusCode ? complete : complete with { Failure = FailureClass.Status, Detail = $"The response was {head.StatusCode}." };
    }
}
