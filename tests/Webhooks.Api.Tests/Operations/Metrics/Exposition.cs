using System.Globalization;
using System.Text.RegularExpressions;

namespace Webhooks.Api.Tests.Operations.Metrics;

/// <summary>The Prometheus text format, read as strictly as its description says: what a scraper would refuse throws.</summary>
internal sealed partial class Exposition
{
    /// <summary>In milliseconds: by the clock, which goes on where the machine stands still.</summary>
    private const int MatchTimeout = 60_000;

    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);

    public Dictionary<string, (string Type, string? Help)> Families { get; } = new(StringComparer.Ordinal);

    public static Exposition Parse(string text)
    {
        Assert.True(text.EndsWith('\n'), "The last line must end with a line feed.");
        var (exposition, family, help) = (new Exposition(), "", (string?)null);
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } h)
            {
                help = h.Groups["text"].Value;
                family = h.Groups["name"].Value;
            }
            else if (Type().Match(line) is { Success: true } t)
            {
                Assert.True(help is null || family == t.Groups["name"].Value, $"HELP of another metric before {line}");
                family = t.Groups["name"].Value;
                exposition.Families.Add(family, (t.Groups["type"].Value, help));
                help = null;
            }
            else
            {
                var s = Sample().Match(line);
                Assert.True(s.Success, $"Not a sample: {line}");
                var name = s.Groups["name"].Value;
                Assert.True(name == family || (exposition.Families[family].Type == "histogram" && name[family.Length..] is "_bucket" or "_sum" or "_count"), $"A sample outside of its family: {line}");
                exposition._values.Add(name + s.Groups["labels"].Value, Number(s.Groups["value"].Value));
            }
        }

        return exposition;
    }

    /// <param name="sample">Name and labels as they stand: <c>a_total{b="c"}</c>.</param>
    public double this[string sample] => _values[sample];

    public double Sum(string name) => _values.Where(v => v.Key == name || v.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(v => v.Value);

    public IEnumerable<string> SamplesOf(string name) => _values.Keys.Where(k => k == name || k.StartsWith(name + "{", StringComparison.Ordinal));

    public double? Find(string sample) => _values.TryGetValue(sample, out var value) ? value : null;

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>(?:[^\\]|\\\\|\\n)*)$", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram)$", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Type();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\n|\\")*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\n|\\")*")*\})? (?<value>\S+)$""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Sample();
}
