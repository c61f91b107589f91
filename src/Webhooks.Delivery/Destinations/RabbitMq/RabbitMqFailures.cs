using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.RabbitMq;

/// <summary>
/// Turns what the client library throws into the class and the sentence that are recorded. Status codes are AMQP's reply
/// codes; the broker's own words are left out, since they name hosts and users.
/// </summary>
internal static class RabbitMqFailures
{
    private const int NoRoute = 312;

    /// <summary>A nack has no code of its own; a broker sends it when it can't keep the message.</summary>
    private const int ResourceError = 506;

    private static readonly Dictionary<int, string> Names = new()
    {
        [311] = "CONTENT_TOO_LARGE",
        [NoRoute] = "NO_ROUTE",
        [320] = "CONNECTION_FORCED",
        [402] = "INVALID_PATH",
        [403] = "ACCESS_REFUSED",
        [404] = "NOT_FOUND",
        [405] = "RESOURCE_LOCKED",
        [406] = "PRECONDITION_FAILED",
        [ResourceError] = "RESOURCE_ERROR",
        [530] = "NOT_ALLOWED",
        [541] = "INTERNAL_ERROR",
    };

    public static SendResult Of(Exception exception, bool deadlinePassed) => exception switch
    {
        DialException dial => Failed(dial.Failure, dial.Message),
        AuthenticationException => Failed(FailureClass.Tls, "The TLS handshake failed or the certificate was not accepted."),
        PublishException { IsReturn: true } => Refused(NoRoute, "no queue takes the message"),
        PublishException => Refused(ResourceError, "it did not take the message (nack)"),
        _ when Inner<AuthenticationFailureException>(exception) || Inner<PossibleAuthenticationFailureException>(exception) =>
            Failed(FailureClass.Auth, "The broker refused the user or the password."),
        _ when ReasonOf(exception) is { Initiator: ShutdownInitiator.Peer } reason => Refused(reason.ReplyCode, "it closed the channel or the connection"),
        _ when deadlinePassed => Failed(FailureClass.Timeout, "The broker did not confirm the message before the deadline."),
        OperationCanceledException => Failed(FailureClass.Timeout, "The connection to the broker was not made before the deadline."),
        _ when Inner<ProtocolException>(exception) || Inner<MalformedFrameException>(exception) || Inner<PacketNotRecognizedException>(exception) =>
            Failed(FailureClass.Protocol, "The answer broke the rules of AMQP."),
        OperationInterruptedException or IOException => Failed(FailureClass.Reset, "The connection broke before the broker confirmed the message."),
        _ => Failed(FailureClass.Internal, "The message could not be sent."),
    };

    private static ShutdownEventArgs? ReasonOf(Exception? exception) => exception switch
    {
        null => null,
        OperationInterruptedException { ShutdownReason: { } reason } => reason,
        AggregateException many => many.InnerExceptions.Select(ReasonOf).FirstOrDefault(r => r is not null),
        _ => ReasonOf(exception.InnerException),
    };

    private static bool Inner<T>(Exception? exception) where T : Exception => exception switch
    {
        null => false,
        T => true,
        AggregateException many => many.InnerExceptions.Any(Inner<T>),
        _ => Inner<T>(exception.InnerException),
    };

    private static SendResult Refused(int code, string what) =>
        Failed(FailureClass.Status, $"The broker answered {code}{(Names.TryGetValue(code, out var name) ? $" ({name})" : "")}: {what}.") with { StatusCode = code };

    private static SendResult Failed(FailureClass failure, string detail) => new(null, failure, detail, [], [], false, TimeSpan.Zero);
}
