using System.Buffers.Binary;

namespace Webhooks.Projections;

/// <summary>The time in a UUIDv7, so that a filter by time is a range of keys.</summary>
internal static class UuidTime
{
    /// <returns>Whole milliseconds, UTC.</returns>
    public static DateTimeOffset Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
    }

    /// <returns>The least id whose time is not before <paramref name="time"/>, null for null; times before 1970 count as 1970.</returns>
    public static Guid? FirstAt(DateTimeOffset? time)
    {
        if (time is not { } from)
        {
            return null;
        }

        var ticks = Math.Max(0, (from - DateTimeOffset.UnixEpoch).Ticks);
        var milliseconds = (ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
