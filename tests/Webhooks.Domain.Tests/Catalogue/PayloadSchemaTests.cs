using System.Text;
using System.Text.Json;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Catalogue;

public class PayloadSchemaTests
{
    internal static PayloadSchema Schema(string json)
    {
        var schema = PayloadSchema.Parse(JsonText.Of(Encoding.UTF8.GetBytes(json)), "schema", out var refusal);
        Assert.Null(refusal);
        return schema!;
    }

    private static string[] Paths(string schema, string payload)
    {
        using var json = JsonIndex.Of(Encoding.UTF8.GetBytes(payload));
        return [.. Schema(schema).Check(json).Select(e => e.Path)];
    }

    private static Refusal Refused(string schema)
    {
        Assert.Null(PayloadSchema.Parse(JsonText.Of(Encoding.UTF8.GetBytes(schema)), "schema", out var refusal));
        return refusal!;
    }

    /// <summary>After a schema come payloads that fit, then, after a bar, those that don't.</summary>
    [Theory]
    [InlineData("true", """1 "a" null [] {}""", "")]
    [InlineData("false", "", "1 null")]
    [InlineData("""{"type":"integer"}""", "1 -3 1.0 1e3 0.0 100e-2 9223372036854775808", """1.5 "1" null 1e-1""")]
    [InlineData("""{"type":["string","null"]}""", """ "" null""", "1 [] true")]
    [InlineData("""{"type":"number"}""", "1 1.5 1e400", "true")]
    [InlineData("""{"type":"boolean"}""", "true false", "0")]
    [InlineData("""{"const":1.0}""", "1 1.00 10e-1", """1.01 "1" """)]
    [InlineData("""{"const":9223372036854775807}""", "9223372036854775807", "9223372036854775808")]
    [InlineData("""{"const":{"a":[1,2],"b":"é"}}""", """{"b":"\u00e9","a":[1.0,2]} {"a":0,"a":[1,2],"b":"é"}""", """{"a":[2,1],"b":"é"} {"a":[1,2],"b":"é","c":0} {"a":[1,2]}""")]
    [InlineData("""{"enum":["a",null,false]}""", """ "a" null false""", """ "b" 0 true""")]
    [InlineData("""{"minimum":0,"exclusiveMaximum":10}""", """0 9.999999999999999999999 -0 "x" """, "-0.1 10 10.0 1e1")]
    [InlineData("""{"exclusiveMinimum":0,"maximum":1e2}""", "0.1 100", "0 100.1")]
    [InlineData("""{"multipleOf":0.01}""", "0 19.99 4.35 -1 1e300", "0.001 1e-300")]
    [InlineData("""{"multipleOf":3}""", "0 3 9 -12 3e2", "1 3.5 1e2")]
    [InlineData("""{"minLength":2,"maxLength":3}""", """ "ab" "äöü" "\ud83d\ude00b" 1""", """ "a" "abcd" "\ud83d\ude00" """)]
    [InlineData("""{"pattern":"^a\\d+$"}""", """ "a1" "a123" 7""", """ "a" "a1\n" "xa1" "a١" """)]
    [InlineData("""{"pattern":"b.d"}""", """ "abcde" "b\u2027d" """, """ "b\rd" "bd" """)]
    [InlineData("""{"pattern":"^.{2}$"}""", """ "ab" "a\ud83d\ude00" """, """ "\ud83d\ude00" "abc" """)]
    [InlineData("""{"items":{"type":"string"}}""", """[] ["a"] {}""", """["a",1]""")]
    [InlineData("""{"prefixItems":[{"type":"string"},true],"items":false}""", """[] ["a"] ["a",1]""", """["a",1,2] [1]""")]
    [InlineData("""{"minItems":1,"maxItems":2}""", "[1] [1,2] 3", "[] [1,2,3]")]
    [InlineData("""{"uniqueItems":true}""", """[] [1,"1"] [{"a":1},{"a":2}] [[],{}] [1,true]""", """[1,1.0] ["a","\u0061"] [{"a":1,"b":2},{"b":2,"a":1}]""")]
    [InlineData("""{"contains":{"type":"integer"}}""", """["a",1]""", """[] ["a"]""")]
    [InlineData("""{"contains":{"type":"integer"},"minContains":2,"maxContains":3}""", "[1,2] [1,2,3]", "[1] [1,2,3,4]")]
    [InlineData("""{"contains":true,"minContains":0}""", "[] [1]", "")]
    [InlineData("""{"required":["a"]}""", """{"a":null} {"\u0061":1} []""", """{} {"A":1}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"additionalProperties":false}""", """{} {"a":""}""", """{"a":1} {"b":1} {"a":"","a":1}""")]
    [InlineData("""{"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":{"type":"string"}}""", """{"x1":1,"y":"a"}""", """{"x1":"a"} {"y":1}""")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """{"ab":1}""", """{"abc":1}""")]
    [InlineData("""{"minProperties":1,"maxProperties":1}""", """{"a":1}""", """{} {"a":1,"b":2}""")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{} {"b":1} {"a":1,"b":1}""", """{"a":1}""")]
    [InlineData("""{"dependentSchemas":{"a":{"minProperties":2}}}""", """{} {"a":1,"c":1}""", """{"a":1}""")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":2}]}""", "1 2", "0 3")]
    [InlineData("""{"anyOf":[{"type":"string"},{"minimum":5}]}""", """ "a" 5 null""", "4")]
    [InlineData("""{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}""", "2 3", "6 1")]
    [InlineData("""{"not":{"type":"string"}}""", "1", """ "a" """)]
    [InlineData("""{"if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"required":["a"]},"else":{"required":["b"]}}""", """{"k":1,"a":0} {"b":0}""", """{"k":1,"b":0} {"a":0}""")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}""", "1", """ "a" """)]
    [InlineData("""{"$defs":{"a/b":{"$anchor":"it","type":"integer"}},"items":{"$ref":"#it"},"prefixItems":[{"$ref":"#/$defs/a~1b"},{"$ref":"#/prefixItems/0"}]}""", "[1,2,3]", """["a"] [1,"a"] [1,1,"a"]""")]
    [InlineData("""{"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}}}""", """{"child":{"child":{"n":1}}}""", """{"child":{"child":{"n":"x"}}}""")]
    [InlineData("""{"format":"email","description":"x","x-own":1,"default":{"$ref":"nowhere"}}""", """ "no-address" """, "")]
    public void A_keyword_means_what_the_draft_says(string schema, string fit, string unfit)
    {
        Assert.All(Values(fit), payload => Assert.Empty(Paths(schema, payload)));
        Assert.All(Values(unfit), payload => Assert.True(Paths(schema, payload).Length > 0, $"{payload} fits {schema}"));
    }

    [Theory]
    [InlineData("""{"items":{"properties":{"sku":{"type":"string"}}}}""", """[{"sku":"a"},{"sku":1}]""", "payload[1].sku")]
    [InlineData("""{"properties":{"a.b":{"type":"string"},"$c":{"type":"string"}}}""", """{"a.b":1,"$c":2}""", "payload.a\\.b", "payload.\\$c")]
    [InlineData("""{"required":["a","b"],"properties":{"c":{"required":["d"]}}}""", """{"c":{}}""", "payload", "payload", "payload.c")]
    [InlineData("""{"additionalProperties":false,"properties":{"a":true}}""", """{"a":1,"b":{"c":2}}""", "payload.b")]
    [InlineData("""{"uniqueItems":true}""", "[1,2,1]", "payload[2]")]
    [InlineData("""{"anyOf":[{"required":["a","b"]},{"properties":{"c":{"type":"string"}}}]}""", """{"c":1}""", "payload", "payload.c")]
    public void Every_broken_rule_is_told_with_its_place(string schema, string payload, params string[] paths) => Assert.Equal(paths, Paths(schema, payload));

    /// <summary>Made at random; what fits and what does not was judged by another implementation, ajv 8.</summary>
    [Fact]
    public void Schemas_at_random_are_judged_as_another_implementation_judges_them()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Webhooks.Domain.Tests", "Catalogue", "schema-cases.json")));
        Assert.All(cases.RootElement.EnumerateArray(), c =>
        {
            var schema = c.GetProperty("schema").GetRawText();
            Assert.All(c.GetProperty("fit").EnumerateArray(), p => Assert.Empty(Paths(schema, p.GetRawText())));
            Assert.All(c.GetProperty("unfit").EnumerateArray(), p => Assert.NotEmpty(Paths(schema, p.GetRawText())));
        });
    }

    [Fact]
    public void Every_keyword_that_is_documented_is_one()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "event-catalogue.md")).SkipWhile(l => l != "## Schemas").SkipWhile(l => !l.StartsWith('|')).TakeWhile(l => l.StartsWith('|'));
        var keywords = rows.SelectMany(r => r.Split('`').Where((_, i) => i % 2 == 1)).Except(["true", "false", "x-…"]).ToList();
        Assert.True(keywords.Count > 55, $"{keywords.Count}");
        Assert.All(keywords, k =>
        {
            PayloadSchema.Parse(JsonText.Of(Encoding.UTF8.GetBytes($$"""{"{{k}}":null}""")), "schema", out var refusal);
            Assert.NotEqual("schema.keyword", refusal?.Code);
        });
    }

    [Fact]
    public void An_error_names_its_keyword_and_never_a_value_of_the_payload()
    {
        using var json = JsonIndex.Of("""{"card":"4111111111111111"}"""u8.ToArray());
        var error = Assert.Single(Schema("""{"properties":{"card":{"type":"string","maxLength":4}}}""").Check(json));
        Assert.Equal(new SchemaError("payload.card", "Must have at most 4 characters (maxLength)."), error);
    }

    [Fact]
    public void At_most_20_errors_are_told()
    {
        Assert.Equal(PayloadSchema.MaxErrors, Paths("""{"items":{"type":"string"}}""", $"[{string.Join(',', Enumerable.Repeat("1", 100))}]").Length);
    }

    [Theory]
    [InlineData("""{"requierd":["a"]}""", "schema.requierd", "schema.keyword")]
    [InlineData("""{"properties":{"a":{"nullable":true}}}""", "schema.properties.a.nullable", "schema.keyword")]
    [InlineData("""{"unevaluatedProperties":false}""", "schema.unevaluatedProperties", "schema.keyword")]
    [InlineData("""{"items":{"$id":"x"}}""", "schema.items.$id", "schema.keyword")]
    [InlineData("""{"type":"text"}""", "schema.type", "schema.operand")]
    [InlineData("""{"type":[]}""", "schema.type", "schema.operand")]
    [InlineData("""{"type":["string","string"]}""", "schema.type", "schema.operand")]
    [InlineData("""{"enum":[]}""", "schema.enum", "schema.operand")]
    [InlineData("""{"minLength":-1}""", "schema.minLength", "schema.operand")]
    [InlineData("""{"minLength":1.5}""", "schema.minLength", "schema.operand")]
    [InlineData("""{"maxItems":1e99}""", "schema.maxItems", "schema.operand")]
    [InlineData("""{"minimum":"0"}""", "schema.minimum", "schema.operand")]
    [InlineData("""{"multipleOf":0}""", "schema.multipleOf", "schema.operand")]
    [InlineData("""{"required":["a","a"]}""", "schema.required", "schema.operand")]
    [InlineData("""{"required":"a"}""", "schema.required", "schema.operand")]
    [InlineData("""{"allOf":[]}""", "schema.allOf", "schema.operand")]
    [InlineData("""{"properties":[]}""", "schema.properties", "schema.operand")]
    [InlineData("""{"properties":{"a":1}}""", "schema.properties.a", "schema.form")]
    [InlineData("""{"type":"string","type":"object"}""", "schema.type", "schema.duplicate")]
    [InlineData("""{"properties":{"a":true,"a":false}}""", "schema.properties", "schema.operand")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "schema.$schema", "schema.operand")]
    [InlineData("""{"$ref":"https://example.com/s.json"}""", "schema.$ref", "schema.ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "schema.$ref", "schema.ref")]
    [InlineData("""{"properties":{"a":{"$ref":"#/required"}},"required":["a"]}""", "schema.properties.a.$ref", "schema.ref")]
    [InlineData("""{"$ref":"#"}""", "schema.$ref", "schema.circle")]
    [InlineData("""{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", "schema.$defs.a.anyOf[0].$ref", "schema.circle")]
    [InlineData("""{"pattern":"(a"}""", "schema.pattern", "schema.pattern")]
    [InlineData("""{"pattern":"^(?=a)"}""", "schema.pattern", "schema.pattern")]
    [InlineData("""{"pattern":"(a)\\1"}""", "schema.pattern", "schema.pattern")]
    [InlineData("""{"pattern":"(a{100}){100}"}""", "schema.pattern", "schema.pattern")]
    public void A_schema_that_breaks_a_rule_is_refused_with_the_place(string schema, string field, string code)
    {
        var refusal = Refused(schema);
        Assert.Equal((field, code), (refusal.Field, refusal.Code));
        Assert.NotEmpty(refusal.Detail);
    }

    [Fact]
    public void A_schema_has_bounds()
    {
        Assert.Equal("schema.too_large", Refused($$"""{"description":"{{new string('x', PayloadSchema.MaxBytes)}}"}""").Code);
        var deep = string.Concat(Enumerable.Repeat("""{"items":""", PayloadSchema.MaxDepth)) + "true" + new string('}', PayloadSchema.MaxDepth);
        Assert.Equal("schema.too_large", Refused(deep).Code);
        Assert.Equal("schema.too_large", Refused($$"""{"anyOf":[{{string.Join(',', Enumerable.Repeat("true", PayloadSchema.MaxSchemas))}}]}""").Code);
        Assert.Equal("schema.too_large", Refused($$"""{"anyOf":[{{string.Join(',', Enumerable.Repeat("""{"pattern":"a"}""", PayloadSchema.MaxPatterns + 1))}}]}""").Code);
    }

    [Fact]
    public void A_schema_that_takes_for_ever_ends_with_a_word()
    {
        // Each definition asks the next one twice: two to the power of forty.
        var levels = Enumerable.Range(0, 40).Select(i => $$"""
            "d{{i}}":{"anyOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}
            """);
        var schema = Schema($$"""{"$ref":"#/$defs/d0","$defs":{ {{string.Join(',', levels)}},"d40":false} }""");
        using var json = JsonIndex.Of("1"u8.ToArray());
        Assert.Contains("steps", Assert.Single(schema.Check(json)).Detail, StringComparison.Ordinal);

        // Nor does "not" make a yes of it.
        var denied = Schema($$"""{"not":{"$ref":"#/$defs/d0"},"$defs":{ {{string.Join(',', levels)}},"d40":false} }""");
        Assert.Contains("steps", Assert.Single(denied.Check(json)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_items_are_told_apart_without_comparing_each_with_each()
    {
        var items = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $$"""{"id":{{i}},"name":"n"}"""));
        using var json = JsonIndex.Of(Encoding.UTF8.GetBytes($"[{items}]"));
        Assert.Empty(Schema("""{"uniqueItems":true}""").Check(json));
    }

    [Fact]
    public void A_payload_as_deep_as_may_be_is_judged_to_its_end()
    {
        using var json = JsonIndex.Of(Encoding.UTF8.GetBytes(new string('[', JsonIndex.MaxDepth) + new string(']', JsonIndex.MaxDepth)));
        Assert.Empty(Schema("""{"allOf":[{"items":{"$ref":"#"}}]}""").Check(json));
    }

    /// <summary>Payloads between spaces; none has one inside.</summary>
    private static string[] Values(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
