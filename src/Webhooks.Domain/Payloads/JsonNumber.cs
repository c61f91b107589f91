using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Webhooks.Domain.Payloads;

/// <summary>A JSON number taken as its digits, so that 2^63 and 2^63+1 differ and 1.0 equals 1: no double comes between.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct JsonNumber
{
    /// <summary>Exponents beyond are taken for this one; far outside of what is compared with.</summary>
    private const long MaxExponent = 1_000_000_000_000_000;

    /// <summary>From the first digit that is not zero to the last one; a decimal point may stand among them.</summary>
    private readonly ReadOnlySpan<byte> _digits;
    private readonly bool _isNegative;

    /// <param name="text">A valid JSON number.</param>
    public JsonNumber(ReadOnlySpan<byte> text)
    {
        _isNegative = text[0] == '-';
        var mantissa = _isNegative ? text[1..] : text;
        long exponent = 0;
        if (mantissa.IndexOfAny((byte)'e', (byte)'E') is var e and >= 0)
        {
            exponent = ExponentOf(mantissa[(e + 1)..]);
            mantissa = mantissa[..e];
        }

        var point = mantissa.IndexOf((byte)'.');
        point = point < 0 ? mantissa.Length : point;
        var first = mantissa.IndexOfAnyInRange((byte)'1', (byte)'9');
        if (first < 0)
        {
            _isNegative = false;
            return;
        }

        _digits = mantissa[first..].TrimEnd("0."u8);
        Point = point - first + (first > point ? 1 : 0) + exponent;
    }

    /// <summary>The value is 0.d₁d₂… × 10^Point.</summary>
    public long Point { get; }

    /// <summary>Below zero, zero or above zero, as a is less than, equal to or greater than b.</summary>
    public static int Compare(in JsonNumber a, in JsonNumber b)
    {
        if (a.Sign != b.Sign)
        {
            return a.Sign.CompareTo(b.Sign);
        }

        var magnitude = a.Point != b.Point ? a.Point.CompareTo(b.Point) : CompareDigits(a._digits, b._digits);
        return a._isNegative ? -magnitude : magnitude;
    }

    /// <summary>1.0 and 1e3 are integers.</summary>
    public bool IsInteger => DigitCount <= Point || _digits.IsEmpty;

    /// <summary>From the first digit that is not zero to the last one.</summary>
    public int DigitCount => _digits.Length - (_digits.Contains((byte)'.') ? 1 : 0);

    /// <summary>The digits as a whole number, with the sign: the value is this × 10^(Point − DigitCount). Its cost grows with the square of their count.</summary>
    public BigInteger Significand()
    {
        if (_digits.IsEmpty)
        {
            return BigInteger.Zero;
        }

        var text = System.Text.Encoding.ASCII.GetString(_digits).Replace(".", "", StringComparison.Ordinal);
        var value = BigInteger.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return _isNegative ? -value : value;
    }

    /// <summary>The same for equal numbers.</summary>
    public void AddTo(ref HashCode hash)
    {
        hash.Add(Sign);
        hash.Add(_digits.IsEmpty ? 0 : Point);
        foreach (var c in _digits)
        {
            if (c != '.')
            {
                hash.Add(c);
            }
        }
    }

    private int Sign => _digits.IsEmpty ? 0 : _isNegative ? -1 : 1;

    private static int CompareDigits(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var (i, j) = (0, 0);
        while (true)
        {
            i += i < a.Length && a[i] == '.' ? 1 : 0;
            j += j < b.Length && b[j] == '.' ? 1 : 0;
            if (i == a.Length || j == b.Length)
            {
                // The last digits are not zero: what goes on is greater.
                return (a.Length - i).CompareTo(b.Length - j);
            }

            if (a[i] != b[j])
            {
                return a[i].CompareTo(b[j]);
            }

            i++;
            j++;
        }
    }

    private static long ExponentOf(ReadOnlySpan<byte> text)
    {
        var isNegative = text[0] == '-';
        long value = 0;
        foreach (var c in text.TrimStart("+-"u8))
        {
            value = Math.Min(MaxExponent, (value * 10) + (c - '0'));
        }

        return isNegative ? -value : value;
    }
}
