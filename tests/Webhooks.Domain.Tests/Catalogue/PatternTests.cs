using System.Text.Json;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Catalogue;

public class PatternTests
{
    private static PayloadSchema? Parse(string pattern, out Refusal? refusal) => PayloadSchema.Parse(JsonText.Of(JsonSerializer.SerializeToUtf8Bytes(new { pattern })), "schema", out refusal);

    private static bool Matches(string pattern, string text)
    {
        var schema = Parse(pattern, out var refusal);
        Assert.True(refusal is null, $"{pattern}: {refusal?.Detail}");
        using var json = JsonIndex.Of(JsonSerializer.SerializeToUtf8Bytes(text));
        return schema!.Check(json).Count == 0;
    }

    private static string Refused(string pattern)
    {
        Assert.Null(Parse(pattern, out var refusal));
        Assert.Equal(("schema.pattern", "schema.pattern"), (refusal!.Field, refusal.Code));
        return refusal.Detail;
    }

    /// <summary>Made at random; what matches was judged by another implementation, V8's RegExp with the flag u.</summary>
    [Fact]
    public void Patterns_at_random_match_what_they_match_in_ECMAScript()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Webhooks.Domain.Tests", "Catalogue", "pattern-cases.json")));
        Assert.All(cases.RootElement.EnumerateArray(), c =>
        {
            var pattern = c.GetProperty("pattern").GetString()!;
            Assert.All(c.GetProperty("match").EnumerateArray(), t => Assert.True(Matches(pattern, t.GetString()!), $"{pattern} does not match {t}"));
            Assert.All(c.GetProperty("other").EnumerateArray(), t => Assert.False(Matches(pattern, t.GetString()!), $"{pattern} matches {t}"));
        });
    }

    /// <summary>A character outside the Basic Multilingual Plane is one, in brackets as elsewhere.</summary>
    [Theory]
    [InlineData("^[^a]$", "😀", "😀😀")]
    [InlineData("^[😀-😂]+$", "😀😁", "😎")]
    [InlineData("^\\ud83d\\ude00$", "😀", "😁")]
    [InlineData("^\\u{1F600}{2}$", "😀😀", "😀")]
    [InlineData("^.$", "😀", "\n")]
    [InlineData("^\\p{L}\\P{Lu}\\p{Nd}$", "Éé٣", "ÉÉ٣")]
    [InlineData("^\\s\\S$", "\ufeffx", "\u200bx")]
    [InlineData("^[^]$", "\n", "")]
    [InlineData("a|[]", "a", "b")]
    [InlineData("\\bcat\\b", "a cat.", "concat")]
    [InlineData("\\Bcat\\B", "scatter", "cat")]
    [InlineData("^(?<year>[0-9]{4})-(?:0[1-9]|1[0-2])$", "2026-11", "2026-13")]
    [InlineData("^(?:a*)*$", "aaa", "aab")]
    [InlineData("^a{2,3}?$", "aaa", "aaaa")]
    [InlineData("^a{2,}$", "aaaaaa", "a")]
    public void Characters_are_code_points(string pattern, string match, string other)
    {
        Assert.True(Matches(pattern, match));
        Assert.False(Matches(pattern, other));
    }

    /// <summary>What ECMAScript takes without the flag u, and is often written.</summary>
    [Theory]
    [InlineData("^\\-\\@\\_\\é$", "-@_é")]
    [InlineData("^{a}]$", "{a}]")]
    [InlineData("^a{,2}$", "a{,2}")]
    [InlineData("^[\\w-.]+$", "a-.")]
    [InlineData("^[\\w.\\-]+$", "a-.")]
    public void What_is_not_ambiguous_is_taken(string pattern, string match) => Assert.True(Matches(pattern, match));

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[b-a]")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("{2}")]
    [InlineData("^*")]
    [InlineData("a{3,2}")]
    [InlineData("a\\")]
    [InlineData("\\z")]
    [InlineData("\\x1")]
    [InlineData("\\u{110000}")]
    [InlineData("\\u{}")]
    [InlineData("\\p{Klingon}")]
    [InlineData("\\p")]
    [InlineData("(?i:a)")]
    [InlineData("(?<>a)")]
    public void What_is_no_pattern_is_refused_with_a_word(string pattern) => Assert.EndsWith(".", Refused(pattern), StringComparison.Ordinal);

    [Theory]
    [InlineData("a(?=b)")]
    [InlineData("a(?!b)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(a)\\1")]
    [InlineData("(?<n>a)\\k<n>")]
    public void Looking_around_and_references_to_groups_are_refused(string pattern) => Assert.Contains("looking ahead", Refused(pattern), StringComparison.Ordinal);

    [Theory]
    [InlineData("(a{100}){100}")]
    [InlineData("a{10000}")]
    [InlineData("a{99999999999999999999}")]
    [InlineData("((((a{1000}){1000}){1000}){1000}){1000}")]
    [InlineData("(?:(?:){1000000}){1000000}")]
    [InlineData("(?:a?|b?|c?){0,2000}")]
    public void A_pattern_that_is_too_large_once_it_is_written_out_is_refused(string pattern) => Assert.Contains("places", Refused(pattern), StringComparison.Ordinal);

    [Fact]
    public void The_patterns_of_a_schema_share_the_places_that_there_are()
    {
        Assert.True(Matches("^a{6000}$", new string('a', 6_000)));
        Assert.Null(PayloadSchema.Parse(JsonText.Of("""{"allOf":[{"pattern":"a{6000}"},{"patternProperties":{"a{6000}":true}}]}"""u8), "schema", out var refusal));
        Assert.Equal(("schema.allOf[1].patternProperties", "schema.pattern"), (refusal!.Field, refusal.Code));
    }

    [Fact]
    public void Every_look_at_a_place_of_a_pattern_counts()
    {
        // Each character of the text may be where it begins, so it is in thousands of places at a time.
        const string Pattern = "a.{4000}c";
        var schema = Parse(Pattern, out _)!;
        using var json = JsonIndex.Of(JsonSerializer.SerializeToUtf8Bytes(new string('a', 100_000)));
        Assert.Contains("steps", Assert.Single(schema.Check(json)).Detail, StringComparison.Ordinal);

        // As many, where it may begin only once.
        Assert.True(Matches("^[a-z]+$", new string('a', 250_000)));
    }

    [Theory]
    [InlineData("""{"patternProperties":{"a.{4000}c":true}}""")]
    [InlineData("""{"propertyNames":{"pattern":"a.{4000}c"}}""")]
    public void Names_cost_as_much_as_texts(string schema)
    {
        using var json = JsonIndex.Of(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { [new string('a', 20_000)] = 1 }));
        Assert.Contains("steps", Assert.Single(PayloadSchemaTests.Schema(schema).Check(json)).Detail, StringComparison.Ordinal);
    }
}
