using System.Text;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Tests.Catalogue;

public class OpenApiWebhooksTests
{
    private const string Components = """
        "components":{"schemas":{
            "Order":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"buyer":{"$ref":"#/components/schemas/Person"},"$ref":{"type":"string"}}},
            "Person":{"type":"object","properties":{"name":{"type":"string"},"friends":{"type":"array","items":{"$ref":"#/components/schemas/Person"}}}}},
          "requestBodies":{"Paid":{"content":{"application/vnd.shop+json":{"schema":{"$ref":"#/components/schemas/Order/properties/buyer"}}}}},
          "examples":{"One":{"value":{"id":1,"$ref":"kept as it is"}}},
          "pathItems":{"Hook":{"post":{"requestBody":{"$ref":"#/components/requestBodies/Paid"}}}}}
        """;

    private static IReadOnlyList<DescribedEventType>? Read(string webhooks, out Refusal? refusal, string version = "3.1.0") =>
        OpenApiWebhooks.Read(JsonText.Of(Encoding.UTF8.GetBytes($$"""{"openapi":"{{version}}","webhooks":{{webhooks}},{{Components}} }""")), "openapi", out refusal);

    private static DescribedEventType One(string webhook)
    {
        var types = Read($$"""{"order.paid":{{webhook}} }""", out var refusal);
        Assert.Null(refusal);
        return Assert.Single(types!);
    }

    [Fact]
    public void A_webhook_becomes_a_type_with_its_words_schema_and_example()
    {
        var type = One("""{"post":{"summary":"Paid.","deprecated":true,"requestBody":{"content":{"application/json":{"schema":{"type":"object"},"example":{"a":1.50}}}}}}""");
        Assert.Equal(new DescribedEventType("order.paid", new EventTypeDefinition("Paid.") { Schema = Json("""{"type":"object"}"""), Example = Json("""{"a":1.50}""") }, Deprecated: true, "openapi.webhooks.order.paid"), type);
    }

    [Fact]
    public void Components_come_along_also_those_that_refer_to_themselves()
    {
        var type = One("""{"post":{"requestBody":{"content":{"application/json":{"schema":{"allOf":[{"$ref":"#/components/schemas/Order"}]},"examples":{"x":{"$ref":"#/components/examples/One"}}}}}}}""");
        Assert.Equal(
            """{"allOf":[{"$ref":"#/$defs/Order"}],"$defs":{"Order":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"buyer":{"$ref":"#/$defs/Person"},"$ref":{"type":"string"}}},"Person":{"type":"object","properties":{"name":{"type":"string"},"friends":{"type":"array","items":{"$ref":"#/$defs/Person"}}}}}}""",
            type.Definition.Schema!.Text);
        Assert.Equal("""{"id":1,"$ref":"kept as it is"}""", type.Definition.Example!.Text);
    }

    [Fact]
    public void Path_items_bodies_and_parts_of_components_are_followed()
    {
        var schema = One("""{"$ref":"#/components/pathItems/Hook"}""").Definition.Schema!;
        Assert.StartsWith("""{"$ref":"#/$defs/Order/properties/buyer","$defs":{"Order":""", schema.Text, StringComparison.Ordinal);
        using var payload = JsonIndex.Of("""{"friends":[{"name":1}]}"""u8.ToArray());
        Assert.Equal("payload.friends[0].name", Assert.Single(PayloadSchema.Parse(schema, "schema", out _)!.Check(payload)).Path);
    }

    [Fact]
    public void A_webhook_without_a_json_body_is_a_type_without_a_schema() => Assert.Equal(new EventTypeDefinition(""), One("""{"get":{}}""").Definition);

    [Theory]
    [InlineData("""{"a b":{"post":{}}}""", "openapi.webhooks.a b", "event_type.form")]
    [InlineData("""{"a":{}}""", "openapi.webhooks.a", "openapi.operation")]
    [InlineData("""{"a":{"$ref":"https://example.com/a"}}""", "openapi.webhooks.a", "openapi.ref")]
    [InlineData("""{"a":{"$ref":"#/components/pathItems/None"}}""", "openapi.webhooks.a", "openapi.ref")]
    [InlineData("""{"a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"other.json"}}}}}}}""", "openapi.webhooks.a.schema", "openapi.ref")]
    [InlineData("""{"a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/None"}}}}}}}""", "openapi.webhooks.a.schema", "openapi.ref")]
    [InlineData("""{"a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"string","nullable":true}}}}}}}""", "openapi.webhooks.a.schema.nullable", "schema.keyword")]
    [InlineData("""{"a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"string"},"example":1}}}}}}""", "openapi.webhooks.a.example", "event_type.example")]
    [InlineData("""{"a":{"$ref":"#/webhooks/b"},"b":{"$ref":"#/webhooks/a"}}""", "openapi.webhooks.a", "openapi.ref")]
    [InlineData("{}", "openapi.webhooks", "openapi.webhooks")]
    [InlineData("1", "openapi.webhooks", "openapi.webhooks")]
    [InlineData("""{"a":1,"a":2}""", "openapi", "openapi.duplicate")]
    public void What_cannot_be_taken_over_is_named(string webhooks, string field, string code)
    {
        Assert.Null(Read(webhooks, out var refusal));
        Assert.Equal((field, code), (refusal!.Field, refusal.Code));
    }

    [Fact]
    public void The_examples_of_a_document_share_the_steps_to_judge_them()
    {
        var (schema, example) = ($$"""{"items":{"allOf":[{{string.Join(',', Enumerable.Repeat("{\"type\":\"integer\"}", 60))}}]} }""", $"[{string.Join(',', Enumerable.Range(0, 2_000))}]");
        string Document(int types) => $$"""{{{string.Join(',', Enumerable.Range(0, types).Select(i => $$"""
            "t{{i}}":{"post":{"requestBody":{"content":{"application/json":{"schema":{{schema}},"example":{{example}} } } } } }
            """))}}}""";

        Assert.True(Read(Document(10), out _) is not null);
        Assert.True(Read(Document(OpenApiWebhooks.MaxTypes), out var refusal) is null);
        Assert.Equal("event_type.example", refusal!.Code);
        Assert.Contains("steps", refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.0.3")]
    [InlineData("2.0")]
    public void Documents_from_before_there_were_webhooks_are_refused(string version)
    {
        Assert.Null(Read("""{"a":{"post":{}}}""", out var refusal, version));
        Assert.Equal("openapi.version", refusal!.Code);
    }

    [Fact]
    public void The_media_events_of_aioz_stream_are_ready_and_hold_together()
    {
        var types = ReadyCatalogues.Find(ReadyCatalogues.AiozStream, "catalogue")!;
        Assert.Equal(["file.received", "encoding.started", "partial.finished", "encoding.finished", "encoding.failed"], types.Select(t => t.Name));
        Assert.All(types, t => Assert.Null(EventTypeRules.Refuse(t.Definition with { Enforced = true })));
        Assert.All(types, t => Assert.Contains("\"required\":[\"type\",\"emitted_at\",\"media_id\",\"media_type\",\"qualities\",\"title\",\"status\",\"user_id\"]", t.Definition.Schema!.Text, StringComparison.Ordinal));
        Assert.Null(ReadyCatalogues.Find("none", "catalogue"));
    }

    private static JsonText Json(string json) => JsonText.Of(Encoding.UTF8.GetBytes(json));
}
