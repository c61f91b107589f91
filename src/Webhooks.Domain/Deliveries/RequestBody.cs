using System.Buffers;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Deliveries;

/// <summary>The body of a request, as signed and sent. The sender and the audit both ask here, so that what the audit shows is what was sent.</summary>
public static class RequestBody
{
    /// <param name="shape">Null: the payload as it was emitted.</param>
    /// <exception cref="JsonTooDeepException">The framing writes JSON anew, and what it was given is nested too deeply for it.</exception>
    public static ReadOnlyMemory<byte> Compose(BodyFraming framing, Shape? shape, ShapedEvent e, ReadOnlyMemory<byte> payload)
    {
        var content = shape is null ? payload : shape.Apply(e, payload);
        if (framing != BodyFraming.Streem)
        {
            return content;
        }

        var body = new ArrayBufferWriter<byte>(content.Length + 128);
        StreemBody.Write(body, e.SentAt, e.Type, content.Span);
        return body.WrittenMemory;
    }
}
