using System.Net;
using System.Text;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// A request that is made anew as it is written: when the connection is there, the name resolved and the handshake done.
/// Nothing of the HTTP client is called at that moment but the choice of an encoding for each header's value, so that is
/// where the new values come in.
/// </summary>
internal sealed class RenewedRequest : HttpRequestMessage
{
    private readonly OutgoingRequest _made;
    private OutgoingRequest? _renewed;

    /// <param name="made">With <see cref="OutgoingRequest.Renew"/>, and at least one header that does not describe the body.</param>
    public RenewedRequest(OutgoingRequest made)
        : base(HttpMethod.Parse(made.Method), made.Url)
    {
        _made = made;
        Content = made.Body is null ? null : new RenewedContent(made);
    }

    /// <summary>For <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>, which is asked for every header in turn, before the body.</summary>
    public static Encoding? EncodingOf(string header, HttpRequestMessage request) => request is RenewedRequest renewed ? renewed.EncodingOf(header) : null;

    private Instead? EncodingOf(string header)
    {
        // The first of all: also of a second writing, where the first one met a connection that was closed.
        if (header.Equals(_made.Headers[0].Name, StringComparison.OrdinalIgnoreCase))
        {
            Renew();
        }

        // A token stands in what was made alone.
        return _renewed is not null && ValueIn(_renewed, header) is { } value && value != ValueIn(_made, header) ? new Instead(value) : null;
    }

    private void Renew()
    {
        if (_made.Renew!() is { } renewed)
        {
            _renewed = renewed;
            (Content as RenewedContent)?.Replace(renewed);
        }
    }

    private static string? ValueIn(OutgoingRequest request, string header)
    {
        foreach (var (name, value) in request.Headers)
        {
            if (name.Equals(header, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    private sealed class RenewedContent(OutgoingRequest made) : HttpContent
    {
        private ReadOnlyMemory<byte> _body = RequestMessage.BodyOf(made);

        public void Replace(OutgoingRequest renewed)
        {
            _body = RequestMessage.BodyOf(renewed);
            Headers.ContentLength = _body.Length;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_body).AsTask();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => stream.WriteAsync(_body, cancellationToken).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }

    /// <summary>Encodes whatever it is given as this one value.</summary>
    private sealed class Instead(string value) : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => value.Length;
        public override int GetMaxByteCount(int charCount) => value.Length;
        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => ASCII.GetBytes(value, 0, value.Length, bytes, byteIndex);
        public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException();
        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => throw new NotSupportedException();
        public override int GetMaxCharCount(int byteCount) => throw new NotSupportedException();
    }
}
