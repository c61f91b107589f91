using System.Globalization;

namespace Webhooks.Domain.Signing;

/// <summary>A JSON number as ECMAScript writes the double that it reads from it (ECMA-262, Number::toString): the fewest digits that read back as the same value.</summary>
internal static class EcmaScriptNumber
{
    /// <summary>Of all doubles; the longest has a sign, "0.00000" and 17 digits.</summary>
    public const int MaxLength = 32;

    /// <summary>Doubles hold every integer of so many digits.</summary>
    private const int ExactDigits = 15;

    /// <summary>Written as read: an integer of at most 15 digits that is not minus zero.</summary>
    public static bool IsPlainInteger(ReadOnlySpan<byte> number)
    {
        var digits = number[0] == '-' ? number[1..] : number;
        return digits.Length <= ExactDigits && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (digits.Length == number.Length || digits[0] != '0');
    }

    /// <param name="number">A valid JSON number.</param>
    /// <param name="output">At least <see cref="MaxLength"/> long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Format(ReadOnlySpan<byte> number, Span<byte> output)
    {
        var value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            return Copy("null"u8, output);
        }

        if (value == 0)
        {
            return Copy("0"u8, output);
        }

        var sign = value < 0 ? Copy("-"u8, output) : 0;
        Span<byte> digits = stackalloc byte[MaxLength];
        var (count, point) = Shortest(Math.Abs(value), digits);
        return sign + LayOut(digits[..count], point, output[sign..]);
    }

    /// <summary>value = 0.d₁d₂…dₖ × 10^point, with k as small as it may be and d₁, dₖ not zero.</summary>
    private static (int Count, int Point) Shortest(double value, Span<byte> digits)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        text = text[..length];

        var exponent = 0;
        if (text.IndexOf((byte)'E') is var e and >= 0)
        {
            exponent = int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var (count, point, inFraction) = (0, exponent, false);
        foreach (var c in text)
        {
            if (c == '.')
            {
                inFraction = true;
            }
            else if (c == '0' && count == 0)
            {
                point -= inFraction ? 1 : 0;
            }
            else
            {
                digits[count++] = c;
                point += inFraction ? 0 : 1;
            }
        }

        return (digits[..count].TrimEnd((byte)'0').Length, point);
    }

    private static int LayOut(ReadOnlySpan<byte> digits, int point, Span<byte> output)
    {
        switch (point)
        {
            case > 0 and <= 21 when digits.Length <= point:
                digits.CopyTo(output);
                output[digits.Length..point].Fill((byte)'0');
                return point;
            case > 0 and <= 21:
                digits[..point].CopyTo(output);
                output[point] = (byte)'.';
                digits[point..].CopyTo(output[(point + 1)..]);
                return digits.Length + 1;
            case > -6 and <= 0:
                var zeros = Copy("0.00000"u8[..(2 - point)], output);
                return zeros + Copy(digits, output[zeros..]);
            default:
                return WithExponent(digits, point - 1, output);
        }
    }

    private static int WithExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> output)
    {
        output[0] = digits[0];
        var written = 1;
        if (digits.Length > 1)
        {
            output[written++] = (byte)'.';
            written += Copy(digits[1..], output[written..]);
        }

        written += Copy(exponent < 0 ? "e-"u8 : "e+"u8, output[written..]);
        Math.Abs(exponent).TryFormat(output[written..], out var length, provider: CultureInfo.InvariantCulture);
        return written + length;
    }

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> output)
    {
        bytes.CopyTo(output);
        return bytes.Length;
    }
}
