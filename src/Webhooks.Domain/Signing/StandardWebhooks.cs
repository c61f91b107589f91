using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The Standard Webhooks specification, symmetric scheme: <c>v1</c> is the base64 of HMAC-SHA-256 over
/// <c>{id}.{unix seconds}.{content}</c>. Several keys give several signatures, separated by spaces. The id's own header,
/// webhook-id, is not among the headers made here: <see cref="RequestHeaders"/> adds it to every request.
/// </summary>
public static class StandardWebhooks
{
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const int TimestampMaxLength = 20;

    public static EquatableArray<Header> Sign(in SigningInput input)
    {
        // A dot would let one id and time be read as another.
        if (input.MessageId.Length == 0 || input.MessageId.Contains('.'))
        {
            throw new ArgumentException("A message id is not empty and holds no dot.", nameof(input));
        }

        var timestamp = input.SentAt.ToUnixTimeSeconds();
        var prefixMax = Encoding.UTF8.GetMaxByteCount(input.MessageId.Length) + TimestampMaxLength + 2;
        var buffer = ArrayPool<byte>.Shared.Rent(prefixMax + input.Content.Length);
        Utf8.TryWrite(buffer, $"{input.MessageId}.{timestamp}.", out var prefix);
        input.Content.CopyTo(buffer.AsSpan(prefix));
        var signatures = Signatures(input.Keys, buffer.AsSpan(0, prefix + input.Content.Length));
        ArrayPool<byte>.Shared.Return(buffer);
        return new Header[] { new(TimestampHeader, timestamp.ToString()), new(SignatureHeader, signatures) };
    }

    private static string Signatures(ReadOnlySpan<byte[]> keys, ReadOnlySpan<byte> content)
    {
        var signatures = new string[keys.Length];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < keys.Length; i++)
        {
            HMACSHA256.HashData(keys[i], content, mac);
            signatures[i] = "v1," + Convert.ToBase64String(mac);
        }

        return string.Join(' ', signatures);
    }
}
