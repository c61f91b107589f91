using System.Text;
using System.Text.RegularExpressions;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Tests.Filtering;

namespace Webhooks.Domain.Tests.Shaping;

/// <summary>docs/filters-and-shaping.md shows what is so: every example in it is run.</summary>
public sealed partial class DocumentedExamplesTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "filters-and-shaping.md"));

    private static readonly string Payload = Block().Match(Text).Groups["text"].Value;

    private static readonly ShapedEvent Event = new(
        default, "order.paid", new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), default, default, default, 1, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Every_filter_matches_as_documented()
    {
        var examples = FilterRow().Matches(Text);
        Assert.True(examples.Count >= 20);
        Assert.All(examples, e => Assert.Equal(e.Groups["matches"].Value == "yes", PayloadFilterTests.Matches(e.Groups["filter"].Value, Payload)));
    }

    [Fact]
    public void Every_shape_gives_its_result()
    {
        var examples = ShapeBlocks().Matches(Text);
        Assert.Equal(3, examples.Count);
        Assert.All(examples, e =>
        {
            var shape = Shape.Parse(JsonText.Of(Encoding.UTF8.GetBytes(e.Groups["shape"].Value)), "shape", out _)!;
            Assert.Equal(e.Groups["result"].Value, Encoding.UTF8.GetString(shape.Apply(Event, Encoding.UTF8.GetBytes(Payload)).Span));
        });
    }

    [Fact]
    public void Every_pattern_takes_what_is_said()
    {
        var examples = PatternRow().Matches(Text);
        Assert.Equal(3, examples.Count);
        Assert.All(examples, e =>
        {
            Assert.All(Names(e.Groups["takes"].Value), type => Assert.True(EventTypePattern.Matches(e.Groups["pattern"].Value, type)));
            Assert.All(Names(e.Groups["not"].Value), type => Assert.False(EventTypePattern.Matches(e.Groups["pattern"].Value, type)));
        });
    }

    private static IEnumerable<string> Names(string cell) => cell.Split(',').Select(n => n.Trim(' ', '`'));

    [GeneratedRegex(@"```json payload\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| `(?<filter>\{.*\})` \| (?<matches>yes|no) \|$", RegexOptions.Multiline)]
    private static partial Regex FilterRow();

    [GeneratedRegex(@"^\| `(?<pattern>[a-z.]*\*[a-z.]*)` \| (?<takes>`.+?) \| (?<not>`.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex PatternRow();

    [GeneratedRegex(@"```json shape\n(?<shape>.*?)\n```\n```(?:json|form) result\n(?<result>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex ShapeBlocks();
}
