using System.Buffers;
using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class EcmaScriptJsonTests
{
    /// <summary>ecmascript-json.json: pairs of a text and what Node 20 gives for JSON.stringify(JSON.parse(text)).</summary>
    [Fact]
    public void Every_text_is_written_as_Node_writes_it()
    {
        var pairs = Read("ecmascript-json.json").EnumerateArray().Select(pair => (Text: pair[0].GetString()!, Expected: pair[1].GetString()!)).ToArray();

        Assert.True(pairs.Length >= 500);
        Assert.All(pairs, pair => Assert.Equal(pair.Expected, Write(Utf8(pair.Text))));
        Assert.All(pairs, pair => Assert.Equal(pair.Expected, Write(Utf8(pair.Expected))));
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0x61, 0xff, 0x62, 0x22 }, "\"a\ufffdb\"")]
    [InlineData(new byte[] { 0x22, 0xed, 0xa0, 0x80, 0x22 }, "\"\ufffd\ufffd\ufffd\"")]
    [InlineData(new byte[] { 0x22, 0xe2, 0x98, 0x22 }, "\"\ufffd\"")]
    public void Bytes_that_are_not_UTF8_become_what_a_receiver_decodes_them_to(byte[] json, string expected) =>
        Assert.Equal(expected, Write(json));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":}")]
    [InlineData("01")]
    [InlineData("1 2")]
    [InlineData("\ufeff1")]
    [InlineData("\"\t\"")]
    [InlineData("NaN")]
    [InlineData("[1]]")]
    public void A_text_that_is_not_JSON_is_refused_and_nothing_written(string text)
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.ThrowsAny<JsonException>(() => EcmaScriptJson.Write(output, Utf8(text)));
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void As_many_levels_are_written_as_are_worked_on_anywhere(string open, string close)
    {
        Assert.Equal(Nested(JsonIndex.MaxDepth), Write(Utf8(Nested(JsonIndex.MaxDepth))));
        Assert.ThrowsAny<JsonException>(() => Write(Utf8(Nested(JsonIndex.MaxDepth + 1))));
        Assert.ThrowsAny<JsonException>(() => Write(Utf8(Nested(10_000))));

        string Nested(int levels) => string.Concat(Enumerable.Repeat(open, levels)) + "0" + string.Concat(Enumerable.Repeat(close, levels));
    }

    [Fact]
    public void Numbers_that_grow_do_not_outgrow_the_buffer()
    {
        var many = string.Join(',', Enumerable.Repeat("1e20", 10_000));

        Assert.Equal($"[{many.Replace("1e20", "100000000000000000000", StringComparison.Ordinal)}]", Write(Utf8($"[{many}]")));
    }

    [Fact]
    public void An_object_with_very_many_members_keeps_the_rules_of_order()
    {
        var members = Enumerable.Range(0, 20_000).Select(i => $"\"k{i % 15_000}\":{i}").Append("\"7\":0").Append("\"3\":0");
        var expected = Enumerable.Range(0, 15_000).Select(i => $"\"k{i}\":{(i < 5_000 ? i + 15_000 : i)}").Prepend("\"7\":0").Prepend("\"3\":0");

        Assert.Equal($"{{{string.Join(',', expected)}}}", Write(Utf8($"{{{string.Join(',', members)}}}")));
    }

    internal static string Write(ReadOnlySpan<byte> json)
    {
        var output = new ArrayBufferWriter<byte>();
        EcmaScriptJson.Write(output, json);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
