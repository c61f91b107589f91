using System.Text.RegularExpressions;

namespace Webhooks.Architecture.Tests;

internal static partial class Sql
{
    /// <summary>A string literal that starts a statement.</summary>
    [GeneratedRegex("""
        "\s*(?:select\s[^"]*\sfrom\s|insert\s+into\s|update\s+[\w.]+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|create\s+(?:table|index|schema)\s|listen\s+\w+|notify\s+\w+)
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Statement();
}
