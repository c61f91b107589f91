using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Domain;

/// <summary>An id with a public text form: a prefix, an underscore and 26 characters of lower-case base32.</summary>
public interface ISid<TSelf> where TSelf : struct, ISid<TSelf>
{
    static abstract string Prefix { get; }
    static abstract TSelf From(Guid value);
    Guid Value { get; }
}

/// <summary>
/// Public ids as text: <c>evt_01h455vb4pex5vsknk084sn02q</c>. The 128 bits of the UUID in Crockford's base32,
/// first character 0–7 (the form that the TypeID specification describes), so that text order is time order.
/// </summary>
public static class Sid
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    public const int SuffixLength = 26;

    public static string Format(string prefix, Guid value) => string.Create(prefix.Length + 1 + SuffixLength, (prefix, value), static (text, s) =>
    {
        s.prefix.CopyTo(text);
        text[s.prefix.Length] = '_';
        Span<byte> bytes = stackalloc byte[16];
        s.value.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = new UInt128(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        for (var i = text.Length - 1; i > s.prefix.Length; i--)
        {
            text[i] = Alphabet[(int)(ulong)(bits & 31)];
            bits >>= 5;
        }
    });

    public static bool TryParse<T>([NotNullWhen(true)] string? text, out T id) where T : struct, ISid<T>
    {
        id = default;
        var prefix = T.Prefix;
        if (text is null || text.Length != prefix.Length + 1 + SuffixLength || text[prefix.Length] != '_' || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (!TryParseSuffix(text.AsSpan(prefix.Length + 1), out var value))
        {
            return false;
        }

        id = T.From(value);
        return true;
    }

    /// <exception cref="FormatException">The text is not a sid of this kind.</exception>
    public static T Parse<T>(string? text) where T : struct, ISid<T> =>
        TryParse<T>(text, out var id) ? id : throw new FormatException($"Not a sid of the form {T.Prefix}_…");

    private static bool TryParseSuffix(ReadOnlySpan<char> suffix, out Guid value)
    {
        value = default;
        if (suffix[0] > '7')
        {
            return false;
        }

        UInt128 bits = 0;
        foreach (var c in suffix)
        {
            var digit = Alphabet.IndexOf(c);
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (uint)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        value = new Guid(bytes, bigEndian: true);
        return true;
    }
}
