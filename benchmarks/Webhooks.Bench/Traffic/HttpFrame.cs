using System.Buffers.Text;
using System.Text;

namespace Webhooks.Bench.Traffic;

/// <summary>Just enough HTTP/1.1 to tell where a message ends, without allocating. No pipelining: what follows belongs to it.</summary>
internal static class HttpFrame
{
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    /// <returns>The length of the head, its empty line included; 0 while the message is not there as a whole.</returns>
    public static int WholeHead(ReadOnlySpan<byte> received)
    {
        var head = received.IndexOf("\r\n\r\n"u8) + 4;
        if (head < 4)
        {
            return 0;
        }

        var length = Header(received[..head], "content-length"u8);
        if (!length.IsEmpty)
        {
            return Utf8Parser.TryParse(length, out int body, out _) && received.Length >= head + body ? head : 0;
        }

        var chunked = !Header(received[..head], "transfer-encoding"u8).IsEmpty;
        return !chunked || received[(head - 2)..].EndsWith(LastChunk) ? head : 0;
    }

    /// <param name="name">In lower case.</param>
    /// <returns>The value of the first such header; empty when there is none.</returns>
    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (head.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = head[..end];
            head = head[(end + 1)..];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                return line[(name.Length + 1)..].Trim(" \r"u8);
            }
        }

        return [];
    }

    /// <returns>The status of a response.</returns>
    public static int Status(ReadOnlySpan<byte> response) =>
        response.Length > 12 && Utf8Parser.TryParse(response[9..12], out int status, out _) ? status : 0;
}
