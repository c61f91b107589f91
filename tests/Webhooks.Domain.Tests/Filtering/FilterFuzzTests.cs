using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Filtering;

public sealed class FilterFuzzTests
{
    private static readonly string[] Names =
    [
        "a", "b", "a.b", "a[0]", "a[1].b", "$and", "$or", "$not", "$eq", "$ne", "$gt", "$lte", "$in", "$nin", "$exists", "$startsWith", "$contains", "\\\\$a", "", "a.", "[", "\\ud800",
    ];

    private static readonly string[] Scalars = ["1", "1.0", "-0", "1e3", "\"a\"", "\"\\u0061\"", "\"\\ud800\"", "true", "false", "null", "9223372036854775808", "\"\""];

    [Fact]
    public void Whatever_is_given_as_a_filter_is_taken_or_refused_and_then_answers()
    {
        var random = new Random(20_260_131);
        var taken = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = Json(random, 5, Names);
            var filter = PayloadFilter.Parse(PayloadFilterTests.Text(text), "filter", out var refusal);
            Assert.Equal(filter is null, refusal is not null);
            if (filter is not null)
            {
                taken++;
                using var payload = JsonIndex.Of(Encoding.UTF8.GetBytes(Json(random, 5, ["a", "b", "\\u0061", "c", "\\ud800"])));
                Assert.Equal(filter.Matches(payload), filter.WhyNot(payload) is null);
            }
        }

        Assert.True(taken > 500, $"Only {taken} filters were taken: the test says little.");
    }

    [Fact]
    public void What_is_excluded_twice_is_wanted()
    {
        var random = new Random(4711);
        for (var i = 0; i < 5_000; i++)
        {
            var text = Json(random, 4, ["a", "b", "a.b", "$or", "$ne", "$gt"]);
            if (text[0] != '{' || PayloadFilter.Parse(PayloadFilterTests.Text("{\"$not\":{\"$not\":" + text + "}}"), "f", out _) is not { } twice)
            {
                continue;
            }

            using var payload = JsonIndex.Of(Encoding.UTF8.GetBytes($$"""{"a":{{Json(random, 3, ["a", "b"])}},"b":{{Json(random, 2, ["a", "b"])}}}"""));
            Assert.Equal(PayloadFilterTests.Parse(text).Matches(payload), twice.Matches(payload));
        }
    }

    [Fact]
    public void Numbers_compare_as_exact_fractions_do()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var (a, b) = (Number(random), Number(random));
            var expected = Scaled(a).CompareTo(Scaled(b));
            foreach (var (name, holds) in new[] { ("$gt", expected > 0), ("$gte", expected >= 0), ("$eq", expected == 0), ("$lt", expected < 0) })
            {
                Assert.True(holds == PayloadFilterTests.Matches($"{{\"{name}\":{b}}}", a), $"{a} {name} {b}");
            }
        }
    }

    [Fact]
    public void A_text_without_its_white_space_says_the_same()
    {
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var text = Json(random, 5, Names);
            using var spaced = JsonDocument.Parse(text.Replace(",", " ,\n ", StringComparison.Ordinal).Replace(":", " :\t", StringComparison.Ordinal));
            var compact = JsonText.Of(Encoding.UTF8.GetBytes(spaced.RootElement.GetRawText()));
            Assert.Equal(text, compact.Text);
        }
    }

    /// <summary>Times 10^40: every number below has fewer digits after its point.</summary>
    private static BigInteger Scaled(string number)
    {
        var parts = number.ToLowerInvariant().Split('e');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : parts[0].Length - point - 1;
        return BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 40 - fraction + exponent);
    }

    private static string Number(Random random)
    {
        var text = $"{(random.Next(2) == 0 ? "-" : "")}{(random.Next(3) == 0 ? "0" : random.Next(1, 200).ToString(CultureInfo.InvariantCulture))}";
        text += random.Next(2) == 0 ? "" : $".{random.Next(0, 1000).ToString("D3", CultureInfo.InvariantCulture)}";
        return text + random.Next(4) switch { 0 => $"e{random.Next(-20, 20)}", 1 => $"E+{random.Next(0, 9)}", _ => "" };
    }

    private static string Json(Random random, int depth, string[] names) => (depth == 0 ? 3 : random.Next(4)) switch
    {
        0 or 1 => $"{{{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => $"\"{names[random.Next(names.Length)]}\":{Json(random, depth - 1, names)}"))}}}",
        2 => $"[{string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => Json(random, depth - 1, names)))}]",
        _ => Scalars[random.Next(Scalars.Length)],
    };
}
