using System.Net.Http.Headers;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

/// <summary>What is signed and sent, and what the audit shows, is what was accepted: byte for byte.</summary>
public class PayloadTests(Platform platform) : IClassFixture<Platform>
{
    public static TheoryData<string> Awkward =>
    [
        "9223372036854775808",
        "1e400",
        "-0.0",
        "1.0",
        "{\"a\":1,\"a\":2,\"A\":3}",
        "\"\\ud800\"",
        "\"\u2028\u2029\"",
        "\"</script><!--\"",
        "{}",
        "[]",
        "[1,[2,[3,{\"x\":null}]]]",
        "null",
        "true",
        "\"text\"",
        "{ \"spaced\" :\t[ 1 ,\n 2 ]\r\n}",
        "{\"2\":0,\"10\":0,\"1\":0}",
        "\"\\u0041\\/\\u00e9 é 𝄞\"",
        "{\"payload\":{\"type\":\"x\",\"id\":\"y\"}}",
    ];

    [Theory]
    [MemberData(nameof(Awkward))]
    public async Task Awkward_json_arrives_as_it_was_emitted(string payload) => await Arrives(payload, $$"""{"id":"x","payload": {{payload}} ,"type":"a"}""");

    [Fact]
    public async Task A_megabyte_arrives_as_it_was_emitted()
    {
        var random = new Random(4711);
        var numbers = Enumerable.Range(0, 100_000).Select(_ => random.NextDouble().ToString("R"));
        var payload = $"[{string.Join(", ", numbers)}]";
        Assert.True(payload.Length > 1_000_000);
        await Arrives(payload, $$"""{"type":"a","payload":{{payload}}}""");
    }

    [Fact]
    public async Task Payloads_may_be_nested_63_deep_alone_and_in_batches()
    {
        var tenant = await platform.GivenTenant();
        var deep = new string('[', 63) + new string(']', 63);
        (await tenant.Emit($$"""{"type":"a","payload":{{deep}}}""")).Expect(202);
        (await tenant.Emit($$"""{"type":"a","payload":[{{deep}}]}""")).ExpectProblem(400, "json.malformed");
        Assert.Equal(202, (int?)(await platform.Service.Post("/v1/events/~batch", $$"""{"events":[{"type":"a","payload":{{deep}}}]}""", tenant.Key)).Expect(200)["results"]![0]!["status"]);
        (await platform.Service.Post("/v1/events/~batch", $$"""{"events":[{"type":"a","payload":[{{deep}}]}]}""", tenant.Key)).ExpectProblem(400, "json.malformed");
    }

    private async Task Arrives(string payload, string body)
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        await tenant.GivenWebhook(path);
        using var content = new ByteArrayContent(Tenant.Utf8(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var e = (await platform.Service.Send(HttpMethod.Post, "/v1/events", content, tenant.Key)).Expect(202)["event"]!;

        await Eventually.Is(() => platform.Receiver.At(path).Count == 1, "the receiver has it");
        Assert.Equal(Tenant.Utf8(payload), platform.Receiver.At(path)[0].Body);
        var shown = await tenant.Get($"/v1/events/{(string?)e["sid"]}");
        Assert.Equal(200, shown.Status);
        Assert.EndsWith($",\"payload\":{payload}}}}}", shown.Text, StringComparison.Ordinal);
    }
}
