using System.Globalization;
using System.Text;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Text between quotation marks as JSON.stringify writes it: escaped are <c>"</c>, <c>\</c>, control characters and half
/// surrogate pairs; everything else stands as itself, whatever way it was read.
/// </summary>
internal static class EcmaScriptString
{
    private const int UnitLength = 6;

    /// <param name="raw">Valid JSON text between quotation marks.</param>
    /// <param name="output">At least as long as <paramref name="raw"/>: no escape is written longer than it was read.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var written = 0;
        while (raw.IndexOf((byte)'\\') is var at and >= 0)
        {
            written += Copy(raw[..at], output[written..]);
            raw = raw[at..];
            written += raw[1] == 'u' ? WriteUnit(ref raw, output[written..]) : WriteShort(ref raw, output[written..]);
        }

        return written + Copy(raw, output[written..]);
    }

    /// <summary>Of the short escapes only the one of the slash is not written back.</summary>
    private static int WriteShort(ref ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var escape = raw[..2];
        raw = raw[2..];
        return Copy(escape[1] == '/' ? escape[1..] : escape, output);
    }

    private static int WriteUnit(ref ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var unit = Unit(raw);
        raw = raw[UnitLength..];
        if (char.IsHighSurrogate(unit) && raw is [(byte)'\\', (byte)'u', ..] && Unit(raw) is var low && char.IsLowSurrogate(low))
        {
            raw = raw[UnitLength..];
            return new Rune(unit, low).EncodeToUtf8(output);
        }

        return unit switch
        {
            '"' => Copy("\\\""u8, output),
            '\\' => Copy(@"\\"u8, output),
            '\b' => Copy(@"\b"u8, output),
            '\t' => Copy(@"\t"u8, output),
            '\n' => Copy(@"\n"u8, output),
            '\f' => Copy(@"\f"u8, output),
            '\r' => Copy(@"\r"u8, output),
            _ when unit < ' ' || char.IsSurrogate(unit) => WriteHex(unit, output),
            _ => new Rune(unit).EncodeToUtf8(output),
        };
    }

    private static int WriteHex(char unit, Span<byte> output)
    {
        @"\u"u8.CopyTo(output);
        ((int)unit).TryFormat(output[2..], out _, "x4");
        return UnitLength;
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape[2..UnitLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> output)
    {
        bytes.CopyTo(output);
        return bytes.Length;
    }
}
