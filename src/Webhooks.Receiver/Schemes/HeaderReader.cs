using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Receiver.Schemes;

/// <summary>Reads what strangers sent: remembers the first fault instead of throwing, and goes on with empty values.</summary>
internal sealed class HeaderReader(IHeaderDictionary headers)
{
    /// <summary>The first fault; null: none so far.</summary>
    public Verification? Refusal { get; private set; }

    public IHeaderDictionary All => headers;

    /// <summary>The header's only value. A header that stands there twice could be read in two ways, and is a fault.</summary>
    public string Text(string name)
    {
        var values = headers[name];
        if (values.Count > 1)
        {
            Malformed(name);
        }
        else if (string.IsNullOrEmpty(values))
        {
            Note(WebhookFault.HeaderMissing, name);
        }

        return values.Count == 1 ? values[0] ?? "" : "";
    }

    public string? Optional(string? name) => name is null || headers[name].Count != 1 ? null : headers[name][0];

    /// <summary>A time in Unix seconds, digits only.</summary>
    public DateTimeOffset? UnixTime(string text, string header)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        Malformed(header);
        return null;
    }

    /// <summary>The items of <c>a=1,b=2,b=3</c> in their order; one without <c>=</c> is a fault.</summary>
    public List<(string Name, string Value)> Pairs(string header)
    {
        var pairs = new List<(string, string)>();
        foreach (var item in Text(header).Split(','))
        {
            var at = item.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
            {
                Malformed(header);
                break;
            }

            pairs.Add((item[..at].Trim(), item[(at + 1)..].Trim()));
        }

        return pairs;
    }

    /// <summary>
    /// Names of signed headers, all of them different: the text that is signed holds the value of each, so one named a
    /// thousand times would make a request of kilobytes into a text of megabytes.
    /// </summary>
    /// <param name="header">Where the list stands.</param>
    public string[] Names(string list, char separator, string header)
    {
        var names = list.Length == 0 ? [] : list.Split(separator, Scheme.MaxNames + 1);
        if (names.Length <= Scheme.MaxNames && names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length)
        {
            return names;
        }

        Malformed(header);
        return [];
    }

    public void Malformed(string header) => Note(WebhookFault.HeaderMalformed, header);

    /// <summary>HMACs among the texts; what is not of their form fits no key and is left out.</summary>
    public static List<Signature> Hmacs(IEnumerable<string> texts, bool isBase64 = false)
    {
        var signatures = new List<Signature>();
        foreach (var text in texts.Take(Scheme.MaxSignatures))
        {
            if ((isBase64 ? Base64(text) : Hex(text)) is { } value)
            {
                signatures.Add(new(IsEd25519: false, value));
            }
        }

        return signatures;
    }

    /// <returns>Null: not base64, or no signature's length.</returns>
    public static byte[]? Base64(string text)
    {
        Span<byte> value = stackalloc byte[MaxSignatureBytes];
        return Convert.TryFromBase64String(text, value, out var length) ? value[..length].ToArray() : null;
    }

    private static byte[]? Hex(string text)
    {
        var value = new byte[text.Length / 2];
        return text.Length <= 2 * MaxSignatureBytes && Convert.FromHexString(text, value, out _, out _) == OperationStatus.Done ? value : null;
    }

    private const int MaxSignatureBytes = 64;

    private void Note(WebhookFault fault, string header) => Refusal ??= new(fault) { Header = header };
}
