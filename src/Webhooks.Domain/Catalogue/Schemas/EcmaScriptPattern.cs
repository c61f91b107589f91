using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>
/// A pattern as JSON Schema means it (ECMA-262) for .NET's matcher without backtracking, whose time grows with the text
/// alone: whoever writes a pattern can slow nobody down. What such a matcher cannot do is refused.
/// </summary>
internal static partial class EcmaScriptPattern
{
    /// <summary>What counted repetitions may multiply a pattern by.</summary>
    private const long MaxRepetition = 1_000;

    /// <summary>A character is one, though .NET has two halves for it.</summary>
    private const string Dot = @"(?:[^\n\r\u2028\u2029\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])";

    public static bool TryParse(string text, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? problem)
    {
        regex = null;
        problem = text.Length > PayloadSchema.MaxPatternLength ? $"A pattern has at most {PayloadSchema.MaxPatternLength} characters."
            : Repetition(text) > MaxRepetition ? $"The counts in braces of a pattern may multiply to at most {MaxRepetition}."
            : null;
        if (problem is not null)
        {
            return false;
        }

        try
        {
            regex = new Regex(Translate(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (RegexParseException)
        {
            problem = "Is no regular expression that is understood here.";
        }
        catch (NotSupportedException)
        {
            problem = "Must do without looking ahead or behind and without references to groups: those can take for ever.";
        }

        return false;
    }

    /// <summary>Where the two languages differ: the end of the text, digits and letters of words, the dot.</summary>
    private static string Translate(string text)
    {
        var output = new StringBuilder(text.Length + 16);
        var inClass = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                output.Append(Escape(text[++i], inClass));
            }
            else if (inClass)
            {
                inClass = c != ']';

                // A bracket in a class is itself; here it would subtract.
                output.Append(c == '[' ? @"\[" : c.ToString());
            }
            else
            {
                inClass = c == '[';
                output.Append(c switch { '$' => @"\z", '.' => Dot, _ => c.ToString() });
            }
        }

        return output.ToString();
    }

    private static string Escape(char c, bool inClass) => c switch
    {
        'd' => inClass ? "0-9" : "[0-9]",
        'w' => inClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]",
        'D' when !inClass => "[^0-9]",
        'W' when !inClass => "[^A-Za-z0-9_]",
        _ => $@"\{c}",
    };

    private static long Repetition(string text)
    {
        var product = 1L;
        foreach (Match counts in Counts().Matches(text))
        {
            var most = counts.Groups["max"].ValueSpan is { IsEmpty: false } max ? max : counts.Groups["min"].ValueSpan;
            product *= Math.Max(1, long.TryParse(most, out var count) ? Math.Min(count, MaxRepetition + 1) : MaxRepetition + 1);
            product = Math.Min(product, MaxRepetition + 1);
        }

        return product;
    }

    [GeneratedRegex(@"\{(?<min>[0-9]+)(,(?<max>[0-9]*))?\}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Counts();
}
