using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Signing;

/// <summary>Schemes of one header <c>t=…,v1=…</c>: the lower-case hex of HMAC-SHA-256 over the time in Unix seconds and the body, joined by dots.</summary>
internal static class TimedSignatures
{
    public const string StripeSignature = "Stripe-Signature";
    public const string Hook0Signature = "X-Hook0-Signature";
    public const string Hook0EventId = "X-Event-Id";
    public const string Hook0EventType = "X-Event-Type";

    /// <summary>Verifiers take any of several v1, so every key adds one.</summary>
    public static EquatableArray<Header> Stripe(in SigningInput input)
    {
        var time = Time(input);
        var header = new StringBuilder($"t={time}");
        foreach (var key in input.Keys)
        {
            header.Append(",v1=").Append(Mac(key, $"{time}.", input.Content));
        }

        return new Header[] { new(StripeSignature, header.ToString()) };
    }

    /// <summary>
    /// Its verifiers know one v1, so the oldest key signs alone. Beside id and type of the event the customer's headers that
    /// are to be signed are: their names in lower case, and sorted, which verifiers follow in any order.
    /// </summary>
    public static EquatableArray<Header> Hook0(in SigningInput input)
    {
        var e = input.RequireEvent();
        var (time, id) = (Time(input), e.Event.Value.ToString());
        var own = Array.FindAll(input.Headers.ToArray(), h => h.Signed).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Select(h => (Name: h.Name.ToLowerInvariant(), h.Value));
        var signed = own.Prepend((Name: Hook0EventType.ToLowerInvariant(), Value: e.Type)).Prepend((Name: Hook0EventId.ToLowerInvariant(), Value: id)).ToArray();
        var names = string.Join(' ', signed.Select(h => h.Name));
        var signature = Mac(input.Keys[^1], $"{time}.{names}.{string.Join('.', signed.Select(h => h.Value))}.", input.Content);
        return new Header[] { new(Hook0EventId, id), new(Hook0EventType, e.Type), new(Hook0Signature, $"t={time},h={names},v1={signature}") };
    }

    private static string Time(in SigningInput input) => input.SentAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static string Mac(byte[] key, string prefix, ReadOnlySpan<byte> content)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(prefix.Length) + content.Length);
        var length = Encoding.UTF8.GetBytes(prefix, buffer);
        content.CopyTo(buffer.AsSpan(length));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, buffer.AsSpan(0, length + content.Length), mac);
        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(mac);
    }
}
