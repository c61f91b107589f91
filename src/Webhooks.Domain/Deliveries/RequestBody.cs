using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Deliveries;

/// <summary>The body of a request, as signed and sent. The sender and the audit both ask here, so that what the audit shows is what was sent.</summary>
public static class RequestBody
{
    private const int Spare = 1024 * 1024;
    private const int MuchInAll = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that a shape and a framing may make of a payload of this size: four times as many and 1 MiB, up to 64 MiB
    /// in all, but 1 MiB more than the payload has in any case. A form writes a letter as three bytes at most, and names anew with each value.
    /// </summary>
    public static int MaxBytes(int payloadLength)
    {
        var most = Math.Max(Math.Min((4L * payloadLength) + Spare, MuchInAll), (long)payloadLength + Spare);
        return (int)Math.Min(most, Array.MaxLength);
    }

    /// <param name="shape">Null: the payload as it was emitted.</param>
    /// <exception cref="BodyTooLargeException">It would have more than <see cref="MaxBytes"/>.</exception>
    public static ReadOnlyMemory<byte> Compose(BodyFraming framing, Shape? shape, ShapedEvent e, ReadOnlyMemory<byte> payload)
    {
        var content = shape is null ? payload : shape.Apply(e, payload);
        if (framing != BodyFraming.Streem)
        {
            return content;
        }

        var body = new BodyWriter(MaxBytes(payload.Length), content.Length + 128);
        StreemBody.Write(body, e.SentAt, e.Type, content.Span);
        return body.Written;
    }
}
