using System.Numerics;

namespace Webhooks.Receiver.Keys;

/// <summary>A point of edwards25519 in extended coordinates (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, xy = T/Z.</summary>
internal sealed class EdwardsPoint
{
    /// <summary>Of the group that the base point generates.</summary>
    public static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger TwiceD = Mod(2 * D);
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);

    public static readonly EdwardsPoint Neutral = new(0, 1, 1, 0);
    public static readonly EdwardsPoint Base = Decode(Mod(4 * Inverse(5)).ToByteArray(isUnsigned: true))!;

    private readonly BigInteger _x, _y, _z, _t;

    private EdwardsPoint(BigInteger x, BigInteger y, BigInteger z, BigInteger t) => (_x, _y, _z, _t) = (x, y, z, t);

    /// <param name="bytes">y, little-endian, with the lowest bit of x as the highest of 256.</param>
    /// <returns>Null: no point has this encoding.</returns>
    public static EdwardsPoint? Decode(ReadOnlySpan<byte> bytes)
    {
        var number = new BigInteger(bytes, isUnsigned: true);
        var y = number & (BigInteger.Pow(2, 255) - 1);
        var isOdd = number >> 255 == 1;
        if (y >= P)
        {
            return null;
        }

        // x² = (y² - 1) / (dy² + 1), and the root by the method of 5.1.3.
        var (u, v) = (Mod((y * y) - 1), Mod((D * y * y) + 1));
        var square = Mod(u * Inverse(v));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        x = Mod(x * x) == square ? x : Mod(x * RootOfMinusOne);
        if (Mod(x * x) != square || (x.IsZero && isOdd))
        {
            return null;
        }

        x = x.IsEven == isOdd ? P - x : x;
        return new(x, y, 1, Mod(x * y));
    }

    /// <summary>Holds for every two points, equal ones too.</summary>
    public EdwardsPoint Add(EdwardsPoint other)
    {
        var a = Mod((_y - _x) * (other._y - other._x));
        var b = Mod((_y + _x) * (other._y + other._x));
        var c = Mod(Mod(_t * TwiceD) * other._t);
        var d = Mod(2 * _z * other._z);
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
    }

    public EdwardsPoint Negate() => new(Mod(-_x), _y, _z, Mod(-_t));

    /// <returns>32 bytes.</returns>
    public byte[] Encode()
    {
        var inverse = Inverse(_z);
        var (x, y) = (Mod(_x * inverse), Mod(_y * inverse));
        var bytes = new byte[Ed25519Key.Bytes];
        y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[^1] |= (byte)(x.IsEven ? 0 : 0x80);
        return bytes;
    }

    private static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(number, P - 2, P);

    private static BigInteger Mod(BigInteger number)
    {
        var rest = number % P;
        return rest.Sign < 0 ? rest + P : rest;
    }
}
