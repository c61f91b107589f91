using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>A JSON object around the payload, with placeholders between double braces in its strings. Cut into literals and placeholders once.</summary>
internal sealed class Envelope
{
    private readonly List<(byte[]? Literal, string Placeholder)> _parts = [];
    private readonly List<byte> _literal = [];

    private Envelope()
    {
    }

    /// <param name="problem">The rule broken and the string at fault, where the answer is null.</param>
    public static Envelope? Parse(JsonIndex json, int node, out string? problem)
    {
        var envelope = new Envelope();
        var raw = json.Raw(node);
        var (start, copied) = (json.Offset(node), 0);
        problem = null;
        for (var value = node; value < json.After(node) && problem is null; value++)
        {
            if (json.Kind(value) == JsonTokenType.String && json.Raw(value).IndexOf("{{"u8) >= 0)
            {
                var at = json.Offset(value) - start;
                envelope._literal.AddRange(raw[copied..at]);
                problem = envelope.AddText(json.Raw(value));
                copied = at + json.Raw(value).Length;
            }
        }

        envelope._literal.AddRange(raw[copied..]);
        envelope.EndLiteral();
        problem ??= envelope._parts.Count(p => p.Placeholder == ShapedEvent.PayloadName) > 1 ? "Holds {{payload}} more than once." : null;
        return problem is null ? envelope : null;
    }

    public void Write(BodyWriter output, ShapedEvent e, ReadOnlySpan<byte> payload)
    {
        foreach (var (literal, placeholder) in _parts)
        {
            if (literal is not null)
            {
                output.Write(literal);
            }
            else if (placeholder == ShapedEvent.PayloadName)
            {
                output.Write(payload);
            }
            else
            {
                Encoding.UTF8.GetBytes(e.Text(placeholder), output);
            }
        }
    }

    /// <param name="quoted">A string with at least one pair of opening braces.</param>
    private string? AddText(ReadOnlySpan<byte> quoted)
    {
        // Alone in its string, a placeholder that is no text loses the quotation marks.
        if (Whole(quoted) is { } whole)
        {
            AddPlaceholder(whole);
            return null;
        }

        while (quoted.IndexOf("{{"u8) is var open and >= 0)
        {
            var close = quoted[open..].IndexOf("}}"u8);
            var name = close < 0 ? "" : Encoding.UTF8.GetString(quoted[(open + 2)..(open + close)]).Trim();
            if (!ShapedEvent.Placeholders.Contains(name) || name == ShapedEvent.PayloadName)
            {
                return name == ShapedEvent.PayloadName
                    ? "{{payload}} stands alone in its string: it is replaced by a JSON value."
                    : $"Between double braces stands one of {string.Join(", ", ShapedEvent.Placeholders)}.";
            }

            _literal.AddRange(quoted[..open]);
            AddPlaceholder(name);
            quoted = quoted[(open + close + 2)..];
        }

        _literal.AddRange(quoted);
        return null;
    }

    private static string? Whole(ReadOnlySpan<byte> quoted)
    {
        var text = Encoding.UTF8.GetString(quoted[1..^1]);
        var name = text.StartsWith("{{", StringComparison.Ordinal) && text.EndsWith("}}", StringComparison.Ordinal) ? text[2..^2].Trim() : "";
        return name is ShapedEvent.PayloadName or ShapedEvent.AttemptName ? name : null;
    }

    private void AddPlaceholder(string name)
    {
        EndLiteral();
        _parts.Add((null, name));
    }

    private void EndLiteral()
    {
        if (_literal.Count > 0)
        {
            _parts.Add(([.. _literal], ""));
            _literal.Clear();
        }
    }
}
