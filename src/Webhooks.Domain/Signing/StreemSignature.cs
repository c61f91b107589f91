using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Streem's request signature: the lower-case hex of HMAC-SHA-256 over <c>{Name}={value};</c> for each header named in
/// <c>Streem-Signature-Headers</c>, and then the content. Verifiers compare every item of the list with a function
/// that throws on another length, so the list holds nothing but signatures of 64 characters.
/// </summary>
public static class StreemSignature
{
    public const string SentAtHeader = "Streem-Sent-At";
    public const string SignatureHeadersHeader = "Streem-Signature-Headers";
    public const string SignatureHeader = "Streem-Signature";

    /// <summary>RFC 3339 in UTC with exactly three digits of milliseconds: what JavaScript's toISOString gives.</summary>
    public static string FormatSentAt(DateTimeOffset sentAt) =>
        sentAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static EquatableArray<Header> Sign(in SigningInput input)
    {
        var sentAt = FormatSentAt(input.SentAt);
        var names = SentAtHeader;
        var prefix = $"{SentAtHeader}={sentAt};";
        if (InOrder(input.Headers) is { Length: > 0 } signed)
        {
            names = string.Join(':', signed.Select(h => h.Name).Prepend(names));
            prefix = string.Concat(signed.Select(h => $"{h.Name}={h.Value};").Prepend(prefix));
        }

        return new Header[] { new(SentAtHeader, sentAt), new(SignatureHeadersHeader, names), new(SignatureHeader, Signatures(input.Keys, prefix, input.Content)) };
    }

    /// <summary>
    /// By name without regard to case: names that differ in case alone are one header, so respelling one moves nothing.
    /// Verifiers follow the list, whatever its order; alphabetical is what the vendor documents.
    /// </summary>
    private static OpenedHeader[] InOrder(ReadOnlySpan<OpenedHeader> headers)
    {
        if (headers.IsEmpty)
        {
            return [];
        }

        var signed = Array.FindAll(headers.ToArray(), h => h.Signed);
        Array.Sort(signed, static (a, b) => StringComparer.OrdinalIgnoreCase.Compare(a.Name, b.Name));
        return signed;
    }

    private static string Signatures(ReadOnlySpan<byte[]> keys, string prefix, ReadOnlySpan<byte> content)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(prefix.Length) + content.Length);
        var length = Encoding.UTF8.GetBytes(prefix, buffer);
        content.CopyTo(buffer.AsSpan(length));
        length += content.Length;

        var signatures = new string[keys.Length];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < keys.Length; i++)
        {
            HMACSHA256.HashData(keys[i], buffer.AsSpan(0, length), mac);
            signatures[i] = Convert.ToHexStringLower(mac);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return string.Join(',', signatures);
    }
}
