using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The Standard Webhooks specification over <c>{id}.{unix seconds}.{content}</c>: <c>v1</c> is the base64 of HMAC-SHA-256,
/// <c>v1a</c> that of Ed25519. Several keys give several signatures, separated by spaces. The id's own header, webhook-id,
/// is not among the headers made here: <see cref="RequestHeaders"/> adds it to every request. Svix's names bring theirs.
/// </summary>
public static class StandardWebhooks
{
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";
    public const string SvixIdHeader = "svix-id";
    public const string SvixTimestampHeader = "svix-timestamp";
    public const string SvixSignatureHeader = "svix-signature";

    private const int TimestampMaxLength = 20;

    private delegate string Signer(byte[] key, ReadOnlySpan<byte> content);

    public static EquatableArray<Header> Sign(in SigningInput input) =>
        new Header[] { new(TimestampHeader, Timestamp(input)), new(SignatureHeader, Signatures(input, Symmetric)) };

    internal static EquatableArray<Header> SignWithKeyPairs(in SigningInput input) =>
        new Header[] { new(TimestampHeader, Timestamp(input)), new(SignatureHeader, Signatures(input, Asymmetric)) };

    internal static EquatableArray<Header> SignAsSvix(in SigningInput input) =>
        new Header[] { new(SvixIdHeader, input.MessageId), new(SvixTimestampHeader, Timestamp(input)), new(SvixSignatureHeader, Signatures(input, Symmetric)) };

    private static string Timestamp(in SigningInput input) => input.SentAt.ToUnixTimeSeconds().ToString();

    private static string Signatures(in SigningInput input, Signer sign)
    {
        // A dot would let one id and time be read as another.
        if (input.MessageId.Length == 0 || input.MessageId.Contains('.'))
        {
            throw new ArgumentException("A message id is not empty and holds no dot.", nameof(input));
        }

        var prefixMax = Encoding.UTF8.GetMaxByteCount(input.MessageId.Length) + TimestampMaxLength + 2;
        var buffer = ArrayPool<byte>.Shared.Rent(prefixMax + input.Content.Length);
        Utf8.TryWrite(buffer, $"{input.MessageId}.{input.SentAt.ToUnixTimeSeconds()}.", out var prefix);
        input.Content.CopyTo(buffer.AsSpan(prefix));
        var signatures = new string[input.Keys.Length];
        for (var i = 0; i < signatures.Length; i++)
        {
            signatures[i] = sign(input.Keys[i], buffer.AsSpan(0, prefix + input.Content.Length));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return string.Join(' ', signatures);
    }

    private static string Symmetric(byte[] key, ReadOnlySpan<byte> content)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, content, mac);
        return "v1," + Convert.ToBase64String(mac);
    }

    private static string Asymmetric(byte[] key, ReadOnlySpan<byte> content) => "v1a," + Convert.ToBase64String(Ed25519.Sign(key, content));
}
