using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace Webhooks.Bench.Traffic;

/// <summary>The JSON of every event of a run: its length never changes, and it carries when it was due to be emitted.</summary>
internal static class Payload
{
    private const int Digits = 19;
    private static readonly byte[] Mark = "\"due\":\""u8.ToArray();

    private static readonly byte[] Template = Encoding.UTF8.GetBytes(
        """{"due":"0000000000000000000","order":{"id":"ord_8f14e45fceea167a","currency":"EUR","total":129.90,"lines":[{"sku":"KB-104","quantity":1,"price":89.90},{"sku":"MS-220","quantity":2,"price":20.00}]},"customer":{"id":"cus_c9f0f895fb98ab91","name":"Ada Lovelace","country":"GB"}}""");

    public static int Length => Template.Length;

    /// <param name="due">A timestamp of <see cref="Stopwatch"/>, the same clock in all processes of the machine.</param>
    public static void Write(Span<byte> to, long due)
    {
        Template.CopyTo(to);
        Utf8Formatter.TryFormat(due, to.Slice(Mark.Length + 1, Digits), out _, new System.Buffers.StandardFormat('D', Digits));
    }

    public static byte[] Create(long due)
    {
        var payload = new byte[Length];
        Write(payload, due);
        return payload;
    }

    /// <summary>How long ago a payload was due to be emitted, wherever in the request it stands; null where there is none.</summary>
    public static TimeSpan? Age(ReadOnlySpan<byte> request)
    {
        var now = Stopwatch.GetTimestamp();
        var at = request.IndexOf(Mark);
        return at >= 0 && Utf8Parser.TryParse(request.Slice(at + Mark.Length, Digits), out long due, out _) ? Stopwatch.GetElapsedTime(due, now) : null;
    }
}
