using System.Text;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Catalogue;

/// <summary>What takes time takes steps, so that no schema and no payload can take more of it than there are steps.</summary>
public class JudgingEffortTests
{
    private static readonly string Numbers = $"[{string.Join(',', Enumerable.Range(0, 100_000))}]";
    private static readonly string Members = $"{{{string.Join(',', Enumerable.Range(0, 25_000).Select(i => $"\"{i:x}\":0"))}}}";

    private static IReadOnlyList<SchemaError> Check(string schema, string payload, JudgingAllowance? allowance = null)
    {
        using var json = JsonIndex.Of(Encoding.UTF8.GetBytes(payload));
        return PayloadSchemaTests.Schema(schema).Check(json, "payload", allowance);
    }

    /// <summary>A schema that asks another one about the same value ten thousand times.</summary>
    private static string TenThousandTimes(string schema)
    {
        static string All(string name) => $$"""{"allOf":[{{string.Join(',', Enumerable.Repeat($$"""{"$ref":"#/$defs/{{name}}"}""", 100))}}]}""";
        return $$"""{"$ref":"#/$defs/a","$defs":{"a":{{All("b")}},"b":{{All("c")}},"c":{{schema}} } }""";
    }

    private static void AssertExhausted(IReadOnlyList<SchemaError> errors) => Assert.Contains("steps", Assert.Single(errors).Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"prefixItems":[true]}""")]
    [InlineData("""{"items":true}""")]
    [InlineData("""{"contains":true}""")]
    [InlineData("""{"uniqueItems":true}""")]
    public void Every_item_that_is_looked_at_counts(string schema) => AssertExhausted(Check(TenThousandTimes(schema), Numbers));

    [Theory]
    [InlineData("""{"properties":{"zz":true}}""")]
    [InlineData("""{"patternProperties":{"^zz":true}}""")]
    [InlineData("""{"propertyNames":true}""")]
    [InlineData("""{"dependentRequired":{"zz":["a"]}}""")]
    public void Every_member_that_is_looked_at_counts(string schema) => AssertExhausted(Check(TenThousandTimes(schema), Members));

    [Fact]
    public void Long_texts_and_numbers_cost_more_than_short_ones()
    {
        var text = $"\"{new string('a', 40_000)}\"";
        var number = $"1{new string('0', 40_000)}";
        AssertExhausted(Check(TenThousandTimes("""{"minLength":1}"""), text));
        AssertExhausted(Check(TenThousandTimes("""{"pattern":"^a"}"""), text));
        AssertExhausted(Check(TenThousandTimes($$"""{"const":{{text}} }"""), text));
        AssertExhausted(Check(TenThousandTimes($$"""{"enum":[[{{text}}],1]}"""), $"[{text}]"));
        AssertExhausted(Check(TenThousandTimes("""{"type":"integer"}"""), number));
        AssertExhausted(Check(TenThousandTimes("""{"not":{"multipleOf":3}}"""), number));
        AssertExhausted(Check(TenThousandTimes("""{"minimum":0}"""), number));
        AssertExhausted(Check(TenThousandTimes($$"""{"maximum":{{number}} }"""), "1"));
        AssertExhausted(Check(TenThousandTimes($$"""{"multipleOf":{{new string('7', 400)}} }"""), new string('7', 400)));
    }

    [Fact]
    public void Long_names_that_are_escaped_cost_more_than_short_ones()
    {
        var escaped = string.Concat(Enumerable.Repeat("\\u0061", 2_000));
        AssertExhausted(Check(TenThousandTimes($$"""{"not":{"required":["{{new string('a', 1_999)}}b"]} }"""), $$"""{"{{escaped}}":0}"""));
    }

    [Fact]
    public void What_judging_a_name_takes_is_taken_from_the_payload_it_stands_in()
    {
        // More schemas inside one another than may be, which says nothing about the name.
        var chain = string.Join(',', Enumerable.Range(0, 700).Select(i => $$"""
            "{{i}}":{"$ref":"#/$defs/{{i + 1}}"}
            """));
        AssertExhausted(Check($$"""{"propertyNames":{"not":{"$ref":"#/$defs/0"} },"$defs":{ {{chain}},"700":true} }""", """{"a":1}"""));
    }

    [Fact]
    public void Counting_takes_no_look_at_what_is_counted()
    {
        Assert.Empty(Check(TenThousandTimes("""{"minItems":1,"maxItems":100000}"""), Numbers));
        Assert.Empty(Check(TenThousandTimes("""{"minProperties":25000,"maxProperties":25000}"""), Members));
        Assert.Equal("payload", Assert.Single(Check("""{"maxItems":99999}""", Numbers)).Path);
    }

    [Fact]
    public void A_long_list_of_constants_is_not_compared_one_by_one()
    {
        var constants = string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"{i}\""));
        Assert.Empty(Check($$"""{"items":{"enum":[{{constants}}]} }""", $"[{constants}]"));
    }

    [Fact]
    public void Constants_of_any_depth_are_compared_once()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);
        Assert.Empty(Check($$"""{"const":{{deep}} }""", deep));
        Assert.Single(Check($$"""{"const":{{deep}} }""", deep.Replace('1', '2')));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(100_000)]
    public void An_honest_payload_is_judged_to_its_end_whatever_its_size(int objects)
    {
        const string Schema = """
            {"items":{"type":"object","required":["id","name","tags"],"additionalProperties":false,"properties":{
             "id":{"type":"integer","minimum":1},"name":{"type":"string","maxLength":100,"pattern":"^[a-z ]+$"},"tags":{"items":{"enum":["a","b","c"]},"uniqueItems":true} } } }
            """;
        Assert.Empty(Check(Schema, $"[{string.Join(',', Enumerable.Repeat("""{"id":123456,"name":"a name of it","tags":["a","b"]}""", objects))}]"));
    }

    [Fact]
    public void Payloads_that_come_together_may_share_their_steps()
    {
        var allowance = new JudgingAllowance(PayloadSchema.MaxSteps * 3 / 2);
        AssertExhausted(Check(TenThousandTimes("""{"items":true}"""), Numbers, allowance));
        Assert.False(allowance.IsUsedUp);
        Assert.Empty(Check("""{"items":true}""", Numbers, allowance));
        AssertExhausted(Check(TenThousandTimes("""{"items":true}"""), Numbers, allowance));
        Assert.True(allowance.IsUsedUp);
        Assert.NotEmpty(Check("""{"type":"string"}""", "\"a\"", allowance));
        Assert.Empty(Check("""{"type":"string"}""", "\"a\"", new JudgingAllowance(2)));
    }
}
