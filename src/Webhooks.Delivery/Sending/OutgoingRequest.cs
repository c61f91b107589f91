using Webhooks.Delivery.Destinations;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>One request to a customer's server, ready to go: signed, with all its headers.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Headers">
/// Sent in this order, those that describe the body (Content-Type and other Content-*) after the rest. Names keep their
/// spelling, except that names HTTP itself defines (User-Agent, Content-Type) go out in their usual one. A name that
/// repeats becomes one line, joined by commas. Headers of the connection's own (Host, Content-Length,
/// Transfer-Encoding, ...) are a failure of class internal.
/// </param>
/// <param name="Body">Sent byte for byte, unless the options compress it. Null sends none, and drops headers that would describe it.</param>
/// <param name="Timeout">One deadline over token, DNS, proxy, connect, TLS, headers and body; above zero, at most 60 seconds.</param>
public sealed record OutgoingRequest(Uri Url, string Method, IReadOnlyList<Header> Headers, ReadOnlyMemory<byte>? Body, TimeSpan Timeout)
{
    /// <summary>Null: HTTP/1.1, not compressed, no token, the system's authorities and no client certificate.</summary>
    public SendOptions? Options { get; init; }

    /// <summary>
    /// Makes it anew for the moment at which it is written, after waits for a token, a connection and its handshake: other
    /// values of printable ASCII for headers that it has, and another body. Called on the connection's way, once for each
    /// writing; null says that it is still good. Null itself: it may be as old as it is. Needs a first header that does not
    /// describe the body.
    /// </summary>
    public Func<OutgoingRequest?>? Renew { get; init; }

    /// <summary>What goes to a queue, by a destination that speaks to it; null: HTTP, to <see cref="Url"/>.</summary>
    public OutgoingMessage? Message { get; init; }
}
