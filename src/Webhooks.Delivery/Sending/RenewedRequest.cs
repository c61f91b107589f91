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
    private OutgoingRequest _current;

    /// <param name="made">With <see cref="OutgoingRequest.Renew"/>, and at least one header that does not describe the body.</param>
    public RenewedRequest(OutgoingRequest made)
        : base(HttpMethod.Parse(made.Method), made.Url)
    {
        _made = _current = made;
        Content = made.Body is null ? null : new RenewedContent(this);
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

        if (ReferenceEquals(_current, _made))
        {
            return null;
        }

        for (var i = 0; i < _made.Headers.Count; i++)
        {
            if (_made.Headers[i].Name.Equals(header, StringComparison.OrdinalIgnoreCase) && _current.Headers[i].Value != _made.Headers[i].Value)
            {
                return new Instead(_current.Headers[i].Value);
            }
        }

        return null;
    }

    private void Renew()
    {
        _current = _made.Renew!();
        (Content as RenewedContent)?.Replace(RequestMessage.BodyOf(_current));
    }

    private sealed class RenewedContent(RenewedRequest request) : HttpContent
    {
        private ReadOnlyMemory<byte> _body = RequestMessage.BodyOf(request._made);

        public void Replace(ReadOnlyMemory<byte> body)
        {
            _body = body;
            Headers.ContentLength = body.Length;
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
