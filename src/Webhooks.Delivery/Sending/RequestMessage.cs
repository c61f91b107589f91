using System.Collections.Frozen;
using System.Net;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>The HTTP client's form of an <see cref="OutgoingRequest"/>.</summary>
internal static class RequestMessage
{
    /// <summary>Who sets one of these speaks for the connection: other framing, another host, another protocol.</summary>
    private static readonly FrozenSet<string> ConnectionHeaders = new[]
    {
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect", "Proxy-Authorization", "Proxy-Connection",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static HttpRequestMessage Build(OutgoingRequest request)
    {
        var http2 = request.Options is { Http2: true };
        var message = request.Renew is not null ? new RenewedRequest(request) : new HttpRequestMessage(HttpMethod.Parse(request.Method), request.Url)
        {
            Content = request.Body is null ? null : new ReadOnlyMemoryContent(BodyOf(request)),
        };
        message.Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        message.VersionPolicy = http2 ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact;
        for (var i = 0; i < request.Headers.Count; i++)
        {
            Add(message, request.Headers[i]);
        }

        return message;
    }

    /// <summary>As it goes out; empty where there is none.</summary>
    public static ReadOnlyMemory<byte> BodyOf(OutgoingRequest request) => request is { Options.Gzip: true, Body: { } body } ? Gzip.Compress(body) : request.Body ?? default;

    private static void Add(HttpRequestMessage message, Header header)
    {
        if (ConnectionHeaders.Contains(header.Name) || header.Value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new UnsendableRequestException(FailureClass.Internal, "A header of the webhook cannot be sent.");
        }

        // The request's collection refuses headers of the body and malformed names; without a body the former say nothing.
        if (message.Headers.TryAddWithoutValidation(header.Name, header.Value))
        {
            return;
        }

        using var probe = message.Content is null ? new ByteArrayContent([]) : null;
        if (!(message.Content ?? probe!).Headers.TryAddWithoutValidation(header.Name, header.Value))
        {
            throw new UnsendableRequestException(FailureClass.Internal, "A header of the webhook cannot be sent.");
        }
    }
}
