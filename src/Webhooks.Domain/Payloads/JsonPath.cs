using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Webhooks.Domain.Payloads;

/// <summary>
/// A way into a JSON value: <c>order.items[0].sku</c>. A dot or a bracket in a name, and a dollar sign at its start, are
/// written with a backslash before them.
/// </summary>
public sealed class JsonPath
{
    public const int MaxLength = 512;
    public const int MaxSteps = 16;
    private const string Escapable = ".[]\\$";

    private JsonPath(string text, JsonStep[] steps) => (Text, Steps) = (text, steps);

    public static readonly JsonPath Here = new("", []);

    public string Text { get; }

    internal JsonStep[] Steps { get; }

    /// <param name="problem">One sentence, where the answer is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path, [NotNullWhen(false)] out string? problem)
    {
        (path, problem) = (null, null);
        if (text.Length is 0 or > MaxLength)
        {
            problem = $"A path has 1 to {MaxLength} characters.";
            return false;
        }

        var steps = new List<JsonStep>();
        for (var at = 0; at < text.Length && problem is null;)
        {
            problem = text[at] == '[' ? ReadIndex(text, ref at, steps) : ReadName(text, ref at, steps);
        }

        problem ??= steps.Count > MaxSteps ? $"A path has at most {MaxSteps} steps." : null;
        path = problem is null ? new JsonPath(text, [.. steps]) : null;
        return path is not null;
    }

    private static string? ReadIndex(string text, ref int at, List<JsonStep> steps)
    {
        var end = text.IndexOf(']', at);
        var digits = end < 0 ? "" : text[(at + 1)..end];
        if (digits.Length is 0 or > 9 || !digits.All(char.IsAsciiDigit))
        {
            return "Between brackets stands an index: items[0]. A bracket in a name is written with a backslash before it.";
        }

        steps.Add(new JsonStep(null, int.Parse(digits)));
        at = end + 1;
        if (at == text.Length || text[at] == '[')
        {
            return null;
        }

        return text[at] == '.' ? SkipDot(text, ref at) : "After an index comes a dot, another index or the end.";
    }

    private static string? ReadName(string text, ref int at, List<JsonStep> steps)
    {
        var name = new StringBuilder();
        for (; at < text.Length && text[at] is not ('.' or '['); at++)
        {
            if (text[at] == ']')
            {
                return "A bracket in a name is written with a backslash before it.";
            }

            if (text[at] == '\\' && (++at == text.Length || !Escapable.Contains(text[at], StringComparison.Ordinal)))
            {
                return "A backslash stands only before a dot, a bracket, a dollar sign or a backslash.";
            }

            name.Append(text[at]);
        }

        if (name.Length == 0)
        {
            return "A name in a path is not empty.";
        }

        steps.Add(new JsonStep(Encoding.UTF8.GetBytes(name.ToString()), 0));
        return at < text.Length && text[at] == '.' ? SkipDot(text, ref at) : null;
    }

    private static string? SkipDot(string text, ref int at) => ++at == text.Length ? "A path does not end with a dot." : null;
}

/// <param name="Name">In UTF-8; null: the item at <paramref name="Index"/>.</param>
internal readonly record struct JsonStep(byte[]? Name, int Index);
