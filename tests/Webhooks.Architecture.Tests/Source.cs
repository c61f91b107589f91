using System.Text.RegularExpressions;
using Webhooks.Domain.Tests;

namespace Webhooks.Architecture.Tests;

/// <summary>A file of the product's source, for rules that only the text can show.</summary>
/// <param name="Path">From the repository's root, with forward slashes.</param>
internal sealed partial record Source(string Path, string Text)
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "dist", "wwwroot"];

    /// <summary>The text without its comments; strings stay.</summary>
    public string Code => CommentsAndStrings().Replace(Text, match => match.Value.StartsWith('/') ? "" : match.Value);

    public int Lines => Text.AsSpan().Count('\n');

    /// <summary>Files under src/ with one of these endings.</summary>
    public static IEnumerable<Source> All(params string[] endings) =>
        from file in Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
        let path = System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where endings.Any(e => path.EndsWith(e, StringComparison.Ordinal)) && !path.Split('/').Any(NotOurs.Contains)
        orderby path
        select new Source(path, File.ReadAllText(file));

    public static IEnumerable<Source> Under(string folder) => All(".cs").Where(s => s.Path.StartsWith(folder, StringComparison.Ordinal));

    [GeneratedRegex("""
        \"{3}[\s\S]*?\"{3} | @"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | //[^\n]* | /\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndStrings();
}
