using System.Text;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Filtering;

public sealed class PayloadFilterTests
{
    private const string Order = """
        {"type":"order.paid","order":{"id":"A-1","total":99.50,"currency":"EUR","note":null,"big":9223372036854775808},
         "customer":{"email":"m\u00fcller@example.com","tags":["new","infrared"],"vip":false},
         "items":[{"sku":"A","qty":1},{"sku":"B","qty":5,"gift":true}],"matrix":[[1,2],[3]],"empty":[],"a.b":{"[c]":1},"$ref":"x"}
        """;

    [Theory]
    [InlineData("""{"type":"order.paid"}""", true)]
    [InlineData("""{"type":"order.sent"}""", false)]
    [InlineData("""{"order.total":99.5}""", true)]
    [InlineData("""{"order":{"total":9.95e1,"currency":"EUR"}}""", true)]
    [InlineData("""{"order.total":"99.5"}""", false)]
    [InlineData("""{"order.big":9223372036854775808}""", true)]
    [InlineData("""{"order.big":9223372036854775807}""", false)]
    [InlineData("""{"order.big":{"$gt":9223372036854775807}}""", true)]
    [InlineData("""{"order.total":{"$gt":99,"$lt":100}}""", true)]
    [InlineData("""{"order.total":{"$gte":99.50,"$lte":99.500}}""", true)]
    [InlineData("""{"order.total":{"$gt":"1"}}""", false)]
    [InlineData("""{"order.currency":{"$gt":"EUQ","$lt":"EUS"}}""", true)]
    [InlineData("""{"order.note":null}""", true)]
    [InlineData("""{"order.none":null}""", false)]
    [InlineData("""{"customer.vip":false}""", true)]
    [InlineData("""{"customer.vip":true}""", false)]
    [InlineData("""{"customer.email":"müller@example.com"}""", true)]
    [InlineData("""{"customer.email":{"$startsWith":"mü","$endsWith":".com","$contains":"@"}}""", true)]
    [InlineData("""{"customer.email":{"$startsWith":"x"}}""", false)]
    [InlineData("""{"order.total":{"$startsWith":"9"}}""", false)]
    [InlineData("""{"order.note":{"$exists":true}}""", true)]
    [InlineData("""{"order.none":{"$exists":true}}""", false)]
    [InlineData("""{"order.none":{"$exists":false}}""", true)]
    [InlineData("""{"empty":{"$exists":true}}""", true)]
    [InlineData("""{"empty.x":{"$exists":false}}""", true)]
    [InlineData("""{"order.currency":{"$in":["USD","EUR"]}}""", true)]
    [InlineData("""{"order.currency":{"$nin":["USD","EUR"]}}""", false)]
    [InlineData("""{"order.none":{"$nin":["USD"]}}""", true)]
    [InlineData("""{"order.currency":{"$ne":"USD"}}""", true)]
    [InlineData("""{"order.none":{"$ne":1}}""", true)]
    [InlineData("""{"order.currency":{"$not":{"$startsWith":"E"}}}""", false)]
    [InlineData("""{"order.currency":{"$not":"USD"}}""", true)]
    [InlineData("""{"$not":{"type":"order.paid"}}""", false)]
    [InlineData("""{"$or":[{"type":"x"},{"order.total":{"$gt":99}}]}""", true)]
    [InlineData("""{"$or":[{"type":"x"},{"order.total":{"$lt":99}}]}""", false)]
    [InlineData("""{"$and":[{"type":"order.paid"},{"order.total":{"$lt":100}}]}""", true)]
    [InlineData("""{"order":{"$or":[{"currency":"USD"},{"total":{"$gt":50}}]}}""", true)]
    [InlineData("""{"order.currency":{"$or":["USD","EUR"]}}""", true)]
    [InlineData("""{"a\\.b.\\[c\\]":1}""", true)]
    [InlineData("""{"\\$ref":"x"}""", true)]
    [InlineData("""{"items[1].sku":"B"}""", true)]
    [InlineData("""{"items[2].sku":"B"}""", false)]
    [InlineData("""{"matrix[1][0]":3}""", true)]
    [InlineData("""{"type[0]":"o"}""", false)]
    public void A_filter_holds_as_it_reads(string filter, bool matches) => Assert.Equal(matches, Matches(filter, Order));

    [Theory]
    [InlineData("""{"items.sku":"B"}""", true)]
    [InlineData("""{"items.sku":{"$ne":"B"}}""", false)]
    [InlineData("""{"items.sku":{"$ne":"C"}}""", true)]
    [InlineData("""{"items.gift":{"$exists":false}}""", false)]
    [InlineData("""{"items.sku":"A","items.qty":{"$gt":2}}""", true)]
    [InlineData("""{"items":{"sku":"A","qty":{"$gt":2}}}""", false)]
    [InlineData("""{"items":{"sku":"B","qty":{"$gt":2}}}""", true)]
    [InlineData("""{"items":{"sku":"B","gift":{"$exists":false}}}""", false)]
    [InlineData("""{"items":{"sku":"A","gift":{"$exists":false}}}""", true)]
    [InlineData("""{"items":{"$not":{"sku":"C"}}}""", true)]
    [InlineData("""{"items":{"$not":{"sku":"A"}}}""", false)]
    [InlineData("""{"customer.tags":"new"}""", true)]
    [InlineData("""{"customer.tags":{"$ne":"new"}}""", false)]
    [InlineData("""{"customer.tags":{"$in":["old","new"]}}""", true)]
    [InlineData("""{"customer.tags":{"$startsWith":"infra"}}""", true)]
    [InlineData("""{"customer.tags":{"$contains":"new"}}""", true)]
    [InlineData("""{"customer.tags":{"$contains":"red"}}""", false)]
    [InlineData("""{"matrix":1}""", false)]
    [InlineData("""{"matrix":{"$contains":1}}""", true)]
    [InlineData("""{"empty":{"$eq":1}}""", false)]
    public void A_path_through_an_array_means_any_item_and_a_nested_object_one_and_the_same(string filter, bool matches) =>
        Assert.Equal(matches, Matches(filter, Order));

    [Theory]
    [InlineData("""{"sku":"A","qty":2}""", """[{"sku":"A","qty":1},{"sku":"B","qty":2}]""", false)]
    [InlineData("""{"sku":"A","qty":1}""", """[{"sku":"A","qty":1},{"sku":"B","qty":2}]""", true)]
    [InlineData("""{"[1].sku":"B"}""", """[{"sku":"A"},{"sku":"B"}]""", true)]
    [InlineData("""{"$eq":"x"}""", "\"x\"", true)]
    [InlineData("""{"$gt":1}""", "2", true)]
    [InlineData("""{"a":1}""", "2", false)]
    [InlineData("""{"a":2}""", """{"a":1,"a":2}""", true)]
    [InlineData("""{"a":1}""", """{"a":1,"a":2}""", false)]
    [InlineData("""{"ab":1}""", """{"\u0061b":1}""", true)]
    [InlineData("""{"a":"\u0000"}""", """{"a":"\u0000"}""", true)]
    [InlineData("""{"a":"\ufffd"}""", """{"a":"\ud800"}""", false)]
    [InlineData("""{"a":"😀"}""", """{"a":"\ud83d\ude00"}""", true)]
    [InlineData("""{"a":0}""", """{"a":-0.0e5}""", true)]
    [InlineData("""{"a":1e400}""", """{"a":10e399}""", true)]
    public void Payloads_of_any_form_are_asked(string filter, string payload, bool matches) => Assert.Equal(matches, Matches(filter, payload));

    [Theory]
    [InlineData("""{"order.total":{"$gt":100}}""", "order.total is 99.50, not greater than 100")]
    [InlineData("""{"order.none":1}""", "order.none is missing")]
    [InlineData("""{"order":{"currency":"USD"}}""", "order.currency is \"EUR\", not \"USD\"")]
    [InlineData("""{"order.currency":{"$in":["USD","CHF"]}}""", "order.currency is \"EUR\", which is none of \"USD\", \"CHF\"")]
    [InlineData("""{"items.sku":"C"}""", "of no value of items.sku all is so: the first of items.sku is \"A\", not \"C\"")]
    [InlineData("""{"order.currency":{"$ne":"EUR"}}""", "order.currency is what $ne excludes")]
    [InlineData("""{"$or":[{"type":"x"},{"order.total":1}]}""", "none of $or holds: type is \"order.paid\", not \"x\"; order.total is 99.50, not 1")]
    [InlineData("""{"empty":1}""", "empty is an empty array")]
    [InlineData("""{"type":{"$endsWith":"x"}}""", "type is \"order.paid\", which does not end with \"x\"")]
    public void People_are_told_which_condition_is_broken(string filter, string why)
    {
        using var payload = JsonIndex.Of(Encoding.UTF8.GetBytes(Order));
        Assert.Equal(why, Parse(filter).WhyNot(payload));
    }

    [Theory]
    [InlineData("[]", "filter", "filter.type")]
    [InlineData("{}", "filter", "filter.empty")]
    [InlineData("""{"a":{}}""", "filter.a", "filter.empty")]
    [InlineData("""{"a":[1]}""", "filter.a", "filter.operand")]
    [InlineData("""{"a":{"$bigger":1}}""", "filter.a.$bigger", "filter.operator")]
    [InlineData("""{"$or":[{"a":1},{"b":{"$gt":true}}]}""", "filter.$or[1].b.$gt", "filter.operand")]
    [InlineData("""{"$or":[]}""", "filter.$or", "filter.operand")]
    [InlineData("""{"$and":{"a":1}}""", "filter.$and", "filter.operand")]
    [InlineData("""{"a":{"$in":[]}}""", "filter.a.$in", "filter.operand")]
    [InlineData("""{"a":{"$in":"x"}}""", "filter.a.$in", "filter.operand")]
    [InlineData("""{"a":{"$in":["x",{}]}}""", "filter.a.$in[1]", "filter.operand")]
    [InlineData("""{"a":{"$exists":1}}""", "filter.a.$exists", "filter.operand")]
    [InlineData("""{"a":{"$startsWith":1}}""", "filter.a.$startsWith", "filter.operand")]
    [InlineData("""{"a":1,"a":2}""", "filter.a", "filter.duplicate")]
    [InlineData("""{"a..b":1}""", "filter.a..b", "filter.path")]
    [InlineData("""{"a.":1}""", "filter.a.", "filter.path")]
    [InlineData("""{"":1}""", "filter.", "filter.path")]
    [InlineData("""{"a[x]":1}""", "filter.a[x]", "filter.path")]
    [InlineData("""{"a\\b":1}""", "filter.a\\b", "filter.path")]
    [InlineData("""{"a":"\ud800"}""", "filter.a", "filter.operand")]
    [InlineData("""{"\ud800":1}""", "filter", "filter.path")]
    [InlineData("""{"a":1e9999999999}""", "filter.a", "filter.operand")]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":1}}}}}}}}""", "filter.a.b.c.d.e.f.g.h", null)]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}""", "filter.a.b.c.d.e.f.g.h", "filter.too_deep")]
    public void A_mistake_is_named_by_its_place(string filter, string field, string? code)
    {
        var parsed = PayloadFilter.Parse(JsonText.Of(Encoding.UTF8.GetBytes(filter)), "filter", out var refusal);
        Assert.Equal(code is null, parsed is not null);
        Assert.Equal(code is null ? "" : $"{field} {code}", refusal is null ? "" : $"{refusal.Field} {refusal.Code}");
    }

    [Fact]
    public void Size_and_number_of_conditions_are_bounded()
    {
        static string Of(int conditions) => $"{{{string.Join(",", Enumerable.Range(0, conditions).Select(i => $"\"k{i}\":1"))}}}";
        Assert.NotNull(PayloadFilter.Parse(Text(Of(100)), "filter", out _));
        Assert.Null(PayloadFilter.Parse(Text(Of(101)), "filter", out var many));
        Assert.Equal("filter.too_many", many!.Code);
        Assert.Null(PayloadFilter.Parse(Text($$"""{"a":"{{new string('x', 16 * 1024)}}"}"""), "filter", out var large));
        Assert.Equal("filter.too_large", large!.Code);
        Assert.Null(PayloadFilter.Parse(Text($$"""{"a":{"$in":[{{string.Join(",", Enumerable.Range(0, 201))}}]} }"""), "filter", out var listed));
        Assert.Equal("filter.operand", listed!.Code);
    }

    [Fact]
    public void A_filter_that_cannot_be_judged_within_bounds_matches_rather_than_loses_an_event()
    {
        var payload = $"[{string.Join(",", Enumerable.Repeat("1", PayloadFilter.MaxExamined))}]";
        Assert.True(Matches("""{"$eq":2}""", payload));
        Assert.True(Matches("""{"$ne":1}""", $"[{string.Join(",", Enumerable.Repeat("2", PayloadFilter.MaxExamined))},1]"));
        Assert.False(Matches("""{"$eq":2}""", payload[..2_000] + "]"));
    }

    [Theory]
    [InlineData("\"", "\\n", "\"", "\"x\"")]
    [InlineData("\"", "\\u0061", "\"", "\"x\"")]
    [InlineData("2e", "00", "", "1")]
    public void Reading_long_strings_and_numbers_anew_counts_for_what_it_takes(string start, string part, string end, string operand)
    {
        var value = start + string.Concat(Enumerable.Repeat(part, 200_000 / part.Length)) + end;
        var payload = $$"""{"a":{{value}},"b":{{value}}}""";
        var turns = string.Join(",", Enumerable.Repeat($$"""{"a":{{operand}}},{"b":{{operand}}}""", 24));
        Assert.True(Matches($$"""{"$or":[{{turns}}]}""", payload));
        Assert.True(Matches($$$"""{"$not":{"$or":[{{{turns}}}]}}""", payload));
    }

    [Theory]
    [InlineData("\"", "\\n", "\"", "\"\"", 130)]
    [InlineData("\"", "\\u0061", "\"", "\"\"", 130)]
    [InlineData("\"", "b", "\"", "\"a\"", 100)]
    [InlineData("2e", "00", "", "1", 199)]
    public void A_long_string_or_number_is_read_once_for_all_that_it_is_compared_with(string start, string part, string end, string operand, int others)
    {
        var payload = start + string.Concat(Enumerable.Repeat(part, 600_000 / part.Length)) + end;
        var list = string.Concat(Enumerable.Repeat(operand + ",", others)) + operand;
        var lists = string.Join(",", Enumerable.Repeat($$"""{"$in":[{{list}}]}""", 33));
        Assert.False(Matches($$"""{"$or":[{{lists}}]}""", payload));
    }

    [Fact]
    public void A_long_constant_counts_with_each_number_that_it_is_compared_with()
    {
        var filter = $$"""{"$eq":1{{new string('0', 8_000)}}}""";
        Assert.True(Matches(filter, $"[{string.Join(",", Enumerable.Repeat("1", 1_000))}]"));
        Assert.False(Matches(filter, "[1,2,3]"));
    }

    [Fact]
    public void Many_filters_on_one_payload_allocate_nothing()
    {
        var filter = Parse("""{"order.currency":"EUR","order.total":{"$gt":10},"customer.email":{"$endsWith":".com"},"items":{"sku":"B","qty":{"$gt":2}}}""");
        var json = Encoding.UTF8.GetBytes(Order);
        using var payload = JsonIndex.Of(json);
        Assert.True(filter.Matches(payload));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var matched = 0;
        for (var i = 0; i < 10_000; i++)
        {
            matched += filter.Matches(payload) ? 1 : 0;
        }

        Assert.Equal(10_000, matched);

        // Collections that other tests bring about count for some kilobytes; the smallest object per match would for 240,000.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 239_999);
    }

    internal static PayloadFilter Parse(string filter) =>
        PayloadFilter.Parse(Text(filter), "filter", out var refusal) ?? throw new InvalidOperationException($"{refusal!.Field}: {refusal.Detail}");

    internal static JsonText Text(string json) => JsonText.Of(Encoding.UTF8.GetBytes(json));

    internal static bool Matches(string filter, string payload)
    {
        using var index = JsonIndex.Of(Encoding.UTF8.GetBytes(payload));
        var parsed = Parse(filter);
        var matches = parsed.Matches(index);
        Assert.Equal(matches, parsed.WhyNot(index) is null);
        return matches;
    }
}
