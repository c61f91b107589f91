using System.Buffers;
using System.Collections.Frozen;
using System.Net.Http.Headers;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>What is kept of a response, within caps.</summary>
internal static class ResponseRecording
{
    private const int MaxHeaders = 64;
    private const int MaxHeaderChars = 4096;

    private static readonly FrozenSet<string> Secret = new[]
    {
        "Set-Cookie", "Set-Cookie2", "Cookie", "Authorization", "Authentication-Info", "Proxy-Authenticate", "Proxy-Authentication-Info", "WWW-Authenticate", "X-Api-Key", "X-Auth-Token", "X-Csrf-Token",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)]);

    public static Header[] Headers(HttpResponseMessage response)
    {
        var kept = new List<Header>(8);
        var room = MaxHeaderChars;
        _ = Keep(response.Headers.NonValidated, kept, ref room) && Keep(response.Content.Headers.NonValidated, kept, ref room);
        return [.. kept];
    }

    private static bool Keep(HttpHeadersNonValidated headers, List<Header> kept, ref int room)
    {
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                var header = new Header(name, Secret.Contains(name) ? "[redacted]" : ToPrintable(value));
                room -= header.Name.Length + header.Value.Length;
                if (room < 0 || kept.Count == MaxHeaders)
                {
                    return false;
                }

                kept.Add(header);
            }
        }

        return true;
    }

    private static string ToPrintable(string value) =>
        value.AsSpan().ContainsAnyExcept(Printable) ? string.Create(value.Length, value, static (to, from) => from.AsSpan().ReplaceAnyExcept(to, Printable, '?')) : value;

    /// <summary>Reads to the end of the body, or until more than <paramref name="maxRead"/> bytes came; keeps the first <paramref name="maxStored"/>.</summary>
    public static async ValueTask<(byte[] Kept, bool Truncated)> Body(Stream body, int maxStored, int maxRead, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(maxStored, 4096));
        try
        {
            var (kept, total) = (0, 0);
            byte[]? stored = null;
            while (true)
            {
                // What lies behind the kept part is overwritten again and again; with no room left there, the part is copied out first.
                if (stored is null && kept == maxStored)
                {
                    stored = buffer.AsSpan(0, kept).ToArray();
                }

                var read = await body.ReadAsync(stored is null ? buffer.AsMemory(kept, maxStored - kept) : buffer.AsMemory(), ct);
                total += read;
                kept = stored is null ? total : kept;
                if (read == 0 || total > maxRead)
                {
                    return (stored ?? buffer.AsSpan(0, kept).ToArray(), total > kept);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
