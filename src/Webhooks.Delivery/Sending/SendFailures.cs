using System.Net.Sockets;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>Turns what the HTTP client throws into the class and the sentence that are recorded.</summary>
internal static class SendFailures
{
    /// <param name="atProxy">Whether the way through the proxy was being opened.</param>
    /// <param name="answered">Whether the head of the response had come.</param>
    public static (FailureClass Failure, string Detail) Classify(Exception exception, bool deadlinePassed, bool atProxy, bool answered) => exception switch
    {
        HttpRequestException { InnerException: DialException dial } => (dial.Failure, dial.Message),
        _ when deadlinePassed && atProxy => (FailureClass.Proxy, "This installation's proxy did not open the way before the deadline."),
        // A cancelled read may surface as a broken connection: the deadline is the cause.
        _ when deadlinePassed => (FailureClass.Timeout, "The response was not complete before the deadline."),
        OperationCanceledException => (FailureClass.Timeout, "The connection was not made before the deadline."),
        UnsendableRequestException unsendable => (unsendable.Failure, unsendable.Message),
        // Beyond a limit in one stream of HTTP/2, the connection is given up, and that is wrapped once more.
        HttpRequestException { InnerException: { } inner } when HasLimit(inner) => Classify(HttpRequestError.ConfigurationLimitExceeded, broken: true),
        HttpRequestException { InnerException: HttpProtocolException e } => Classify(e, deadlinePassed, atProxy, answered),
        // Thrown without a kind for a line between two chunks that does not end.
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: null } when answered => Classify(HttpRequestError.InvalidResponse, broken: false),
        HttpRequestException e => Classify(e.HttpRequestError, e.InnerException is IOException or SocketException),
        // A stream of HTTP/2 that the receiver gave up; the other codes say that one side broke the rules.
        HttpProtocolException { ErrorCode: NoError or InternalError or RefusedStream or Cancel or EnhanceYourCalm } => Reset,
        HttpIOException e => Classify(e.HttpRequestError, broken: true),
        IOException or SocketException => Reset,
        _ => (FailureClass.Internal, "The request could not be sent."),
    };

    private static bool HasLimit(Exception? e) => e is not null && (e is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } || HasLimit(e.InnerException));

    // RFC 9113, section 7.
    private const long NoError = 0x0;
    private const long InternalError = 0x2;
    private const long RefusedStream = 0x7;
    private const long Cancel = 0x8;
    private const long EnhanceYourCalm = 0xb;

    private static readonly (FailureClass, string) Reset = (FailureClass.Reset, "The connection broke before the response was complete.");

    private static (FailureClass, string) Classify(HttpRequestError error, bool broken) => error switch
    {
        HttpRequestError.NameResolutionError => (FailureClass.Dns, "The host name did not resolve."),
        HttpRequestError.ConnectionError => (FailureClass.Connect, "No connection could be made."),
        HttpRequestError.SecureConnectionError => (FailureClass.Tls, "The TLS handshake failed or the certificate was not accepted."),
        HttpRequestError.ConfigurationLimitExceeded => (FailureClass.ResponseTooLarge, "The response headers are longer than this installation reads."),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError => (FailureClass.Protocol, "The answer broke the rules of HTTP."),
        HttpRequestError.ResponseEnded => Reset,
        _ => broken ? Reset : (FailureClass.Internal, "The request could not be sent."),
    };
}
