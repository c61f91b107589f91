using System.IO.Compression;

namespace Webhooks.Delivery.Sending;

/// <summary>Bodies compressed as every way of sending compresses them.</summary>
internal static class Gzip
{
    public static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> body)
    {
        var compressed = new MemoryStream(256 + (body.Length / 4));
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }

        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }
}
