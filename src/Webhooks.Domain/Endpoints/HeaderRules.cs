using System.Buffers;
using System.Collections.Frozen;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>
/// Which headers a customer may add to requests: the grammar of RFC 9110, nothing that frames the message or that a
/// signature scheme sets. The rules do not ask for the scheme in use, so that a webhook may change it later;
/// schemes whose headers have everyday names, such as X-API-KEY, are judged by <see cref="SignatureRules"/>.
/// </summary>
public static class HeaderRules
{
    public const int MaxHeaders = 50;
    public const int MaxNameLength = 256;
    public const int MaxValueLength = 4096;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Connection and framing belong to HTTP; Allow, Expires and Last-Modified speak of a response; User-Agent names the service, and the trace is its own.</summary>
    private static readonly FrozenSet<string> ReservedNames = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Expect", "Date", "User-Agent", "Allow", "Expires", "Last-Modified", "traceparent", "tracestate");

    /// <summary>Bodies are ours to describe, proxies the operator's; the rest are headers of signature schemes.</summary>
    private static readonly string[] ReservedPrefixes = ["Content-", "Proxy-", "Webhook-", "Streem-", "Svix-"];

    private static readonly FrozenSet<string> SensitiveNames = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Authorization", "Cookie", "Set-Cookie");
    private static readonly string[] SensitiveParts = ["authorization", "token", "secret", "password", "api-key", "api_key", "apikey"];

    /// <param name="field">The list's field, such as <c>headers</c>.</param>
    /// <returns>The first rule broken, with its field such as <c>headers[2].value</c>; null when there is none.</returns>
    public static Refusal? RefuseAny(IReadOnlyList<OpenedHeader> headers, string field)
    {
        if (headers.Count > MaxHeaders)
        {
            return Refusal.Invalid(field, "header.too_many", $"Must hold at most {MaxHeaders} headers.");
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value, signed) = headers[i];
            var refusal = Refuse(name, value, signed, $"{field}[{i}]")
                ?? (names.Add(name) ? null : Refusal.Invalid($"{field}[{i}].name", "header.duplicate", "Every header may stand once; names that differ in case alone are the same."));
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <param name="field">The header's field, such as <c>headers[2]</c>; <c>.name</c> or <c>.value</c> is added.</param>
    /// <returns>Null when the header is allowed. The refusal never quotes the value.</returns>
    public static Refusal? Refuse(string name, string value, bool signed, string field) => (name, value) switch
    {
        _ when !IsToken(name) => Refusal.Invalid($"{field}.name", "header.name", $"Must be 1 to {MaxNameLength} letters, digits or any of !#$%&'*+-.^_`|~ (a token of RFC 9110)."),
        _ when IsReserved(name) => Refusal.Invalid($"{field}.name", "header.reserved", "This header is set by the service or would break the request; choose another name."),
        _ when !IsFieldValue(value) => Refusal.Invalid($"{field}.value", "header.value", $"Must be at most {MaxValueLength} visible ASCII characters, with spaces and tabs inside only."),
        _ when signed && value.Length == 0 => Refusal.Invalid($"{field}.value", "header.signed_empty", "The value of a signed header must not be empty: receivers take it for missing."),
        _ when signed && value.Contains(';') => Refusal.Invalid($"{field}.value", "header.signed_semicolon", "The value of a signed header must not hold ';', which ends a value in the signed text."),
        _ => null,
    };

    /// <summary>Whether values of this header, sent or received, are hidden when shown or audited; rather one too many than one too few.</summary>
    public static bool IsSensitive(string name) =>
        SensitiveNames.Contains(name)
        || (name.EndsWith("-key", StringComparison.OrdinalIgnoreCase) && !name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase))
        || (!name.EndsWith("-id", StringComparison.OrdinalIgnoreCase) && Array.Exists(SensitiveParts, part => name.Contains(part, StringComparison.OrdinalIgnoreCase)));

    private static bool IsToken(string name) => name.Length is >= 1 and <= MaxNameLength && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static bool IsReserved(string name) =>
        ReservedNames.Contains(name) || Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    internal static bool IsFieldValue(string value) =>
        value.Length <= MaxValueLength
        && value.All(c => c is '\t' or (>= ' ' and <= '~'))
        && (value.Length == 0 || (value[0] is not (' ' or '\t') && value[^1] is not (' ' or '\t')));
}
