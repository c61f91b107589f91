using System.Buffers;
using System.Globalization;
using System.Text;
using Webhooks.Domain.Shaping;

namespace Webhooks.Domain.Signing;

/// <summary>
/// A text with placeholders between double braces, as custom signatures have it: <c>{{body}}</c>, <c>{{timestamp}}</c> and
/// <c>{{timestamp_ms}}</c> (since 1970), and what a shape's envelope may speak of besides the payload.
/// Cut into literals and placeholders once.
/// </summary>
public sealed class SignatureTemplate
{
    /// <summary>Characters, braces included.</summary>
    public const int MaxLength = 500;

    private const string Body = "body";
    private const string Timestamp = "timestamp";
    private const string TimestampMs = "timestamp_ms";

    private static readonly string[] Names = [Body, Timestamp, TimestampMs, .. ShapedEvent.Placeholders.Where(p => p != ShapedEvent.PayloadName)];

    private readonly List<(string Text, bool IsPlaceholder)> _parts = [];

    private SignatureTemplate()
    {
    }

    /// <summary>What stands between the placeholders.</summary>
    internal IEnumerable<string> Literals => _parts.Where(p => !p.IsPlaceholder).Select(p => p.Text);

    internal int Bodies => _parts.Count(p => p is (Body, true));

    /// <param name="problem">The rule broken, where the answer is null.</param>
    public static SignatureTemplate? Parse(string text, out string? problem)
    {
        var template = new SignatureTemplate();
        var rest = text.AsSpan();
        problem = text.Length is 0 or > MaxLength ? $"Must be 1 to {MaxLength} characters." : null;
        while (problem is null && rest.IndexOf("{{", StringComparison.Ordinal) is var open and >= 0)
        {
            var close = rest[open..].IndexOf("}}", StringComparison.Ordinal);
            var name = close < 0 ? "" : rest[(open + 2)..(open + close)].Trim().ToString();
            if (!Names.Contains(name))
            {
                problem = $"Between double braces stands one of {string.Join(", ", Names)}.";
                break;
            }

            template.Add(rest[..open], isPlaceholder: false);
            template.Add(name, isPlaceholder: true);
            rest = rest[(open + close + 2)..];
        }

        template.Add(rest, isPlaceholder: false);
        return problem is null ? template : null;
    }

    /// <exception cref="InvalidOperationException">The template speaks of the event, and the input has none.</exception>
    internal void Write(IBufferWriter<byte> output, in SigningInput input)
    {
        foreach (var (text, isPlaceholder) in _parts)
        {
            switch (isPlaceholder ? text : null)
            {
                case null:
                    Encoding.UTF8.GetBytes(text, output);
                    break;
                case Body:
                    output.Write(input.Content);
                    break;
                case Timestamp:
                    Encoding.UTF8.GetBytes(input.SentAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), output);
                    break;
                case TimestampMs:
                    Encoding.UTF8.GetBytes(input.SentAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), output);
                    break;
                default:
                    Encoding.UTF8.GetBytes(input.RequireEvent().Text(text), output);
                    break;
            }
        }
    }

    internal string Text(in SigningInput input)
    {
        var text = new ArrayBufferWriter<byte>(64);
        Write(text, input);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private void Add(ReadOnlySpan<char> text, bool isPlaceholder)
    {
        if (!text.IsEmpty)
        {
            _parts.Add((text.ToString(), isPlaceholder));
        }
    }
}
