using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Webhooks.Domain.Payloads;

/// <summary>
/// What stands between quotation marks of a JSON text, as UTF-8: the very bytes where nothing is escaped, else a pooled
/// copy. A lone surrogate keeps its three bytes, which are no UTF-8: it equals no text.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct PlainText
{
    private const int UnitLength = 6;

    private byte[]? _rented;

    public ReadOnlySpan<byte> Span { get; private set; }

    /// <summary>Something was escaped, so that all of it was read and copied.</summary>
    public readonly bool IsCopy => _rented is not null;

    public static PlainText Of(ReadOnlySpan<byte> raw, bool escaped)
    {
        if (!escaped)
        {
            return new PlainText { Span = raw };
        }

        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        return new PlainText { _rented = rented, Span = rented.AsSpan(0, Unescape(raw, rented)) };
    }

    /// <summary>Null where it holds a lone surrogate.</summary>
    public readonly string? AsString() => Utf8.IsValid(Span) ? Encoding.UTF8.GetString(Span) : null;

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
            Span = default;
        }
    }

    /// <summary>No escape is shorter than what it stands for.</summary>
    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var written = 0;
        while (raw.IndexOf((byte)'\\') is var at and >= 0)
        {
            raw[..at].CopyTo(output[written..]);
            written += at;
            raw = raw[at..];
            if (raw[1] == 'u')
            {
                written += WriteUnit(ref raw, output[written..]);
            }
            else
            {
                output[written++] = Short(raw[1]);
                raw = raw[2..];
            }
        }

        raw.CopyTo(output[written..]);
        return written + raw.Length;
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

        if (!char.IsSurrogate(unit))
        {
            return new Rune(unit).EncodeToUtf8(output);
        }

        output[0] = (byte)(0xe0 | (unit >> 12));
        output[1] = (byte)(0x80 | ((unit >> 6) & 0x3f));
        output[2] = (byte)(0x80 | (unit & 0x3f));
        return 3;
    }

    private static byte Short(byte escape) => escape switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => escape,
    };

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape[2..UnitLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
