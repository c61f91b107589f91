using System.Buffers.Binary;
using System.Diagnostics;

namespace Webhooks.Domain.Deliveries;

/// <summary>The W3C header that lets a receiver's trace go on where ours ends.</summary>
public static class Traceparent
{
    public const string Name = "traceparent";

    /// <param name="attempt">The span of the attempt; null where nobody traces.</param>
    public static Header Of(Activity? attempt, MessageId message, DeliveryId delivery, int number) => new(Name, attempt is { IdFormat: ActivityIdFormat.W3C }
        ? $"00-{attempt.TraceId.ToHexString()}-{attempt.SpanId.ToHexString()}-{(attempt.Recorded ? "01" : "00")}"
        : FromIds(message, delivery, number));

    /// <summary>
    /// One trace per event and one span per attempt, made of their ids: whoever has the header finds the audit. Sampled,
    /// because the audit keeps every attempt, and receivers would drop the trace otherwise.
    /// </summary>
    private static string FromIds(MessageId message, DeliveryId delivery, int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        delivery.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return $"00-{message.Value:N}-{BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) ^ (uint)number:x16}-01";
    }
}
