using System.Text;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Tests.Http;

public sealed class FieldsTests
{
    [Fact]
    public void All_broken_rules_are_named_at_once()
    {
        var fields = Parse("""{"label":7,"url":"","timeout_ms":99,"active":"yes","colour":"red","scheme":"strem","company_sid":"wh_1"}""");
        fields.String("label", 0, 10);
        fields.String("url", 1, 10);
        fields.Int("timeout_ms", 100, 60_000);
        fields.OptionalBoolean("active");
        fields.Enum<SignatureScheme>("scheme");
        fields.Sid<CompanyId>("company_sid");
        fields.String("method", 1, 10);

        Assert.Equal(
            ["label field.type", "url field.length", "timeout_ms field.range", "active field.type", "scheme field.value", "company_sid field.sid", "method field.required", "colour field.unknown"],
            ErrorsOf(fields));
    }

    [Fact]
    public void A_misspelt_field_is_refused_with_the_one_that_was_meant()
    {
        var fields = Parse("""{"timeout":5}""");
        fields.OptionalInt("timeout_ms", 1, 9);

        var error = Assert.Single(Assert.Throws<ProblemException>(fields.Done).Problem.Errors);
        Assert.Equal(("timeout", "field.unknown"), (error.Field, error.Code));
        Assert.Contains("'timeout_ms'", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Tens_of_thousands_of_unknown_fields_cost_no_more_than_the_hundred_that_are_named()
    {
        var fields = Parse($"{{{string.Join(",", Enumerable.Range(0, 30_000).Select(n => $"\"x{n}\":1"))}}}");
        fields.OptionalInt("timeout_ms", 1, 9);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, Assert.Throws<ProblemException>(fields.Done).Problem.Errors.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Errors_in_nested_objects_carry_their_path()
    {
        var fields = Parse("""{"headers":[{"name":"a","value":"b"},{"name":1,"extra":true},"x"]}""");
        foreach (var header in fields.Objects("headers", 10))
        {
            header.String("name", 1, 10);
            header.OptionalString("value", 0, 10);
        }

        Assert.Equal(["headers[2] field.type", "headers[1].name field.type", "headers[1].extra field.unknown"], ErrorsOf(fields));
    }

    [Fact]
    public void Camel_case_spelling_of_a_field_is_understood()
    {
        var fields = Parse("""{"companySid":"com_01h455vb4pex5vsknk084sn02q","timeoutMs":5,"includeInRequestSignature":true}""");

        Assert.NotNull(fields.OptionalSid<CompanyId>("company_sid"));
        Assert.Equal(5, fields.Int("timeout_ms", 1, 9));
        Assert.True(fields.OptionalBoolean("include_in_request_signature"));
        fields.Done();
    }

    [Theory]
    [InlineData("""{"label":"a","label":"b"}""")]
    [InlineData("""{"label":"a","l\u0061bel":"b"}""")]
    [InlineData("""{"label_x":"a","labelX":"b"}""")]
    public void A_field_given_twice_is_refused_however_it_is_spelled(string json)
    {
        var fields = Parse(json);
        fields.OptionalString("label", 0, 9);
        fields.OptionalString("label_x", 0, 9);

        Assert.EndsWith("field.duplicate", Assert.Single(ErrorsOf(fields)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_patch_tells_missing_from_null_from_a_value()
    {
        var fields = Parse("""{"label":null,"url":"x"}""");

        Assert.Equal([Presence.Null, Presence.Value, Presence.Missing], [fields.Presence("label"), fields.Presence("url"), fields.Presence("method")]);
        fields.Done();
    }

    [Theory]
    [InlineData("""{ "a" : 1.0, "a":1.00 , "ü":"\u00fc", "n": 18446744073709551616 }""")]
    [InlineData("""[ 1e400, "\ud800" ,null]""")]
    [InlineData("\"x \\/ y\"")]
    [InlineData("-0.10")]
    public void A_raw_value_is_the_payload_byte_for_byte(string payload)
    {
        var fields = Parse($$"""{"type": "a", "payload":   {{payload}}  , "z":1}""");
        fields.String("type", 1, 9);
        fields.OptionalInt("z", 1, 1);

        Assert.Equal(payload, Encoding.UTF8.GetString(fields.RawValue("payload").Span));
        fields.Done();
    }

    [Theory]
    [InlineData("\"\\ud800\"", "field.text")]
    [InlineData("\"\\u0000\"", "field.text")]
    [InlineData("null", "field.required")]
    [InlineData("[]", "field.type")]
    [InlineData("\"12345678901\"", "field.length")]
    public void Text_that_can_not_be_stored_is_refused(string value, string code)
    {
        var fields = Parse($$"""{"label":{{value}}}""");
        fields.String("label", 1, 10);

        Assert.Equal([$"label {code}"], ErrorsOf(fields));
    }

    [Fact]
    public void A_text_without_a_longest_length_is_told_that_it_is_empty()
    {
        var fields = Parse("""{"types":[""]}""");
        fields.Strings("types", 10, 1, int.MaxValue);

        Assert.Equal("types[0]: Must not be empty.", Assert.Throws<ProblemException>(fields.Done).Problem.Detail);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("1e1")]
    [InlineData("\"1\"")]
    [InlineData("99999999999999999999")]
    [InlineData("true")]
    public void An_integer_is_written_as_one(string value)
    {
        var fields = Parse($$"""{"n":{{value}}}""");
        fields.Integer("n", 0, long.MaxValue);

        Assert.Equal(["n field.type"], ErrorsOf(fields));
    }

    [Fact]
    public void At_most_a_hundred_errors_are_named()
    {
        var fields = Parse($"{{{string.Join(",", Enumerable.Range(0, 500).Select(i => $"\"f{i}\":1"))}}}");

        Assert.Equal(100, ErrorsOf(fields).Count);
    }

    [Theory]
    [InlineData("{", 1, 2)]
    [InlineData("{\n  \"a\": 1,\n  \"b\": x\n}", 3, 8)]
    [InlineData("{} {}", 1, 4)]
    [InlineData("{\"a\":1,}", 1, 8)]
    [InlineData("{'a':1}", 1, 2)]
    [InlineData("{\"a\":NaN}", 1, 6)]
    [InlineData("// no\n{}", 1, 1)]
    [InlineData("\ufeff{}", 1, 1)]
    public void Malformed_json_is_refused_with_its_position(string json, int line, int position)
    {
        var problem = Assert.Throws<ProblemException>(() => Parse(json)).Problem;

        Assert.Equal((400, "json.malformed"), (problem.Status, problem.Code));
        Assert.Contains($"line {line}, byte {position}.", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_ends_at_64_levels()
    {
        var fields = Parse($$"""{"payload":{{new string('[', 63)}}{{new string(']', 63)}}}""");
        fields.RawValue("payload");
        fields.Done();

        Assert.Throws<ProblemException>(() => Parse($$"""{"payload":{{new string('[', 64)}}{{new string(']', 64)}}}"""));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public void A_body_is_an_object(string json) => Assert.Equal("json.not_an_object", Assert.Throws<ProblemException>(() => Parse(json)).Problem.Code);

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.Equal("json.encoding", Assert.Throws<ProblemException>(() => JsonValue.Parse(new byte[] { (byte)'"', 0xff, (byte)'"' })).Problem.Code);

    private static Fields Parse(string json) => Fields.Of(JsonValue.Parse(Encoding.UTF8.GetBytes(json)));

    private static List<string> ErrorsOf(Fields fields) =>
        [.. Assert.Throws<ProblemException>(fields.Done).Problem.Errors.Select(e => $"{e.Field} {e.Code}")];
}
