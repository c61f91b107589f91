using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Shaping;

namespace Webhooks.Domain.Tests.Shaping;

public sealed class ShapeTests
{
    private static readonly ShapedEvent Event = new(
        new MessageId(new Guid(1, 0, 0, new byte[8])), "order.paid", new DateTimeOffset(2026, 1, 31, 12, 0, 0, 5, TimeSpan.Zero),
        new CompanyId(new Guid(2, 0, 0, new byte[8])), new WebhookId(new Guid(3, 0, 0, new byte[8])), new DeliveryId(new Guid(4, 0, 0, new byte[8])),
        2, new DateTimeOffset(2026, 1, 31, 12, 0, 1, 250, TimeSpan.Zero));

    private const string Order = """{ "id":"A-1", "total":1.0, "note":"\u00e9\/", "customer":{ "name":"Eva", "email":"e@x", "card":{"no":"4111"} }, "items":[ {"sku":"A","price":1e2}, 7, {"sku":"B","price":2} ] }""";

    [Theory]
    [InlineData("""{"select":["id","total"]}""", """{"id":"A-1","total":1.0}""")]
    [InlineData("""{"select":["total","id","none"]}""", """{"id":"A-1","total":1.0}""")]
    [InlineData("""{"select":["note","customer.name"]}""", """{"note":"\u00e9\/","customer":{"name":"Eva"}}""")]
    [InlineData("""{"select":["customer"]}""", """{"customer":{ "name":"Eva", "email":"e@x", "card":{"no":"4111"} }}""")]
    [InlineData("""{"select":["items.price"]}""", """{"items":[{"price":1e2},{"price":2}]}""")]
    [InlineData("""{"select":["id.x"]}""", "{}")]
    [InlineData("""{"select":["customer"],"drop":["customer.card","customer.email"]}""", """{"customer":{"name":"Eva"}}""")]
    [InlineData("""{"drop":["customer","note","items.price"]}""", """{"id":"A-1","total":1.0,"items":[{"sku":"A"},7,{"sku":"B"}]}""")]
    [InlineData("""{"redact":["customer.email","items.sku","none"],"drop":["note","total","customer.card"]}""", """{"id":"A-1","customer":{"name":"Eva","email":"[redacted]"},"items":[{"sku":"[redacted]","price":1e2},7,{"sku":"[redacted]","price":2}]}""")]
    [InlineData("""{"redact":["customer"],"mask":"***","select":["id","customer"]}""", """{"id":"A-1","customer":"***"}""")]
    [InlineData("""{"select":["id","customer.name"],"rename":{"id":"order_id","customer":"buyer","customer.name":"na\"me"}}""", """{"order_id":"A-1","buyer":{"na\"me":"Eva"}}""")]
    [InlineData("""{"select":["id","total"],"rename":{"id":"total"}}""", """{"total":"A-1"}""")]
    [InlineData("""{"select":["total"],"rename":{"id":"total"}}""", """{"total":1.0}""")]
    [InlineData("""{"select":["id","total"],"rename":{"id":"total","total":"id"}}""", """{"total":"A-1","id":1.0}""")]
    [InlineData("""{"select":["id"],"set":{"source":"shop","id":7,"meta.version":2,"meta.tags":["a", "b"]}}""", """{"id":7,"source":"shop","meta":{"version":2,"tags":["a","b"]}}""")]
    [InlineData("""{"select":["id"],"rename":{"id":"key"},"set":{"key":null,"id":1}}""", """{"key":null,"id":1}""")]
    [InlineData("""{"select":["customer.name"],"set":{"customer.kind":"person"}}""", """{"customer":{"name":"Eva","kind":"person"}}""")]
    [InlineData("""{"select":["items.sku"],"set":{"items.shop":1}}""", """{"items":[{"sku":"A","shop":1},{"sku":"B","shop":1}]}""")]
    [InlineData("""{"select":["id"],"set":{"id.x":1}}""", """{"id":"A-1"}""")]
    public void Fields_are_selected_left_out_hidden_renamed_and_set(string shape, string expected) => Assert.Equal(expected, Apply(shape, Order));

    [Theory]
    [InlineData("""{"rename":{"a":"c","b":"c"}}""", """{"a":1}""", """{"c":1}""")]
    [InlineData("""{"rename":{"a":"c","b":"c"}}""", """{"b":1,"c":2}""", """{"c":1}""")]
    [InlineData("""{"rename":{"a":"c","b":"c"}}""", """{"c":2,"d":3}""", """{"c":2,"d":3}""")]
    [InlineData("""{"rename":{"a":"c"},"drop":["a"]}""", """{"a":1,"c":2}""", """{"c":2}""")]
    [InlineData("""{"rename":{"a":"c","c":"d"}}""", """{"a":1,"c":2,"d":3}""", """{"c":1,"d":2}""")]
    [InlineData("""{"rename":{"x.a":"c"}}""", """{"x":[{"a":1,"c":2},{"c":3},{"c":4,"\u0061":5}]}""", """{"x":[{"c":1},{"c":3},{"c":5}]}""")]
    public void A_name_given_anew_takes_the_place_of_another_where_the_member_that_gets_it_is_there(string shape, string payload, string expected) =>
        Assert.Equal(expected, Apply(shape, payload));

    /// <summary>Looking for each rule's member anew with each member would not end within minutes here.</summary>
    [Fact]
    public void The_names_of_an_object_are_read_once_for_all_renames()
    {
        var members = string.Join(",", Enumerable.Repeat("\"b\":0", 100_000));
        var renames = string.Join(",", Enumerable.Range(0, Shape.MaxPaths).Select(i => $"\"a{i}\":\"b\""));
        Assert.Equal($"{{{members}}}", Apply($$$"""{"rename":{{{{renames}}}}}""", $"{{{members}}}"));
        Assert.Equal("{\"b\":1}", Apply($$$"""{"rename":{{{{renames}}}}}""", $"{{{members},\"a99\":1}}"));
    }

    [Theory]
    [InlineData("""{"drop":["a"]}""", """{"a":1,"\u0061":2,"b":3}""", """{"b":3}""")]
    [InlineData("""{"redact":["a"]}""", """{"a":1,"\u0061":2}""", """{"a":"[redacted]","\u0061":"[redacted]"}""")]
    [InlineData("""{"set":{"a":9}}""", """{"a":1,"a":2}""", """{"a":9}""")]
    [InlineData("""{"drop":["a"]}""", """[[{"a":1}],{"a":2,"b":[ ]}]""", """[[{}],{"b":[ ]}]""")]
    [InlineData("""{"drop":["a"]}""", " 1.50 ", "1.50")]
    [InlineData("""{"select":["a"]}""", "\"x\"", "null")]
    [InlineData("""{"select":["a"]}""", "[1]", "[]")]
    [InlineData("""{"drop":["a\\.b"]}""", """{"a.b":1,"a":{"b":2}}""", """{"a":{"b":2}}""")]
    [InlineData("""{"drop":["x"]}""", """{"big":123456789012345678901234567890,"e":1E+2,"s":"\ud800\u2028"}""", """{"big":123456789012345678901234567890,"e":1E+2,"s":"\ud800\u2028"}""")]
    public void Payloads_of_any_form_are_shaped_and_what_is_not_spoken_of_keeps_its_bytes(string shape, string payload, string expected) =>
        Assert.Equal(expected, Apply(shape, payload));

    [Theory]
    [InlineData("""{"envelope":{"id":"{{event_sid}}","type":"{{event_type}}","at":"{{emitted_at}}","sent":"{{ sent_at }}","data":"{{payload}}"}}""", """{"id":"evt_00000020000000000000000000","type":"order.paid","at":"2026-01-31T12:00:00.005Z","sent":"2026-01-31T12:00:01.250Z","data":{ "n" : 1.0 }}""")]
    [InlineData("""{"envelope":{"text":"Event {{event_type}}, try {{attempt}}: \"hi\"","n":"{{attempt}}"}}""", """{"text":"Event order.paid, try 2: \"hi\"","n":2}""")]
    [InlineData("""{"drop":["n"],"envelope":{"a":[{"b":"{{payload}}"}],"c":{"company":"{{company_sid}}","hook":"{{webhook_sid}}","delivery":"{{delivery_sid}}"}}}""", """{"a":[{"b":{}}],"c":{"company":"com_00000040000000000000000000","hook":"wh_00000060000000000000000000","delivery":"dlv_00000080000000000000000000"}}""")]
    public void An_envelope_wraps_the_payload_and_knows_the_attempt(string shape, string expected) => Assert.Equal(expected, Apply(shape, """{ "n" : 1.0 }"""));

    [Theory]
    [InlineData("""{"id":"A 1&=","n":1.50,"yes":true,"none":null,"empty":{},"list":[],"o":{"é":"x y","t":["a",{"b":2}]}}""", "id=A+1%26%3D&n=1.50&yes=true&none=&o%5B%C3%A9%5D=x+y&o%5Bt%5D%5B0%5D=a&o%5Bt%5D%5B1%5D%5Bb%5D=2")]
    [InlineData("[1,2]", "payload%5B0%5D=1&payload%5B1%5D=2")]
    [InlineData("\"\\ud800\"", "payload=%EF%BF%BD%EF%BF%BD%EF%BF%BD")]
    [InlineData("{}", "")]
    [InlineData("""{"a":"-._*~+/\n"}""", "a=-._*%7E%2B%2F%0A")]
    public void A_form_has_nested_names_in_brackets(string payload, string expected) => Assert.Equal(expected, Apply("""{"body":"form"}""", payload));

    [Fact]
    public void The_content_type_says_what_the_body_is()
    {
        Assert.Equal("application/x-www-form-urlencoded", Parse("""{"body":"form"}""").ContentType);
        Assert.Equal("application/json", Parse("""{"body":"json"}""").ContentType);
    }

    [Fact]
    public void The_deepest_payload_in_the_deepest_envelope_has_a_body_in_Streems_framing()
    {
        var payload = string.Concat(Enumerable.Repeat("[", 63)) + string.Concat(Enumerable.Repeat("]", 63));
        var (open, close) = (string.Concat(Enumerable.Repeat("{\"e\":", Shape.MaxDepth - 1)), new string('}', Shape.MaxDepth - 1));

        var body = RequestBody.Compose(BodyFraming.Streem, Parse($$$"""{"envelope":{{{open}}}"{{payload}}"{{{close}}}}"""), Event, Encoding.UTF8.GetBytes(payload));

        Assert.Contains(open + payload + close, Encoding.UTF8.GetString(body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void The_streem_scheme_wraps_what_was_shaped()
    {
        var body = RequestBody.Compose(BodyFraming.Streem, Parse("""{"drop":["b"]}"""), Event, Encoding.UTF8.GetBytes("""{ "a": 1.0, "b": 2 }"""));
        Assert.Equal("""{"sent_at":"2026-01-31T12:00:01.250Z","event":{"event_type":"order.paid","payload":{"a":1}}}""", Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public void Without_a_shape_the_payload_itself_is_sent()
    {
        var payload = Encoding.UTF8.GetBytes("""{ "a": 1.0 }""");
        Assert.True(RequestBody.Compose(BodyFraming.Payload, null, Event, payload).Equals(payload.AsMemory()));
    }

    [Theory]
    [InlineData("[]", "shape", "shape.type")]
    [InlineData("{}", "shape", "shape.type")]
    [InlineData("""{"pick":["a"]}""", "shape.pick", "field.unknown")]
    [InlineData("""{"select":"a"}""", "shape.select", "field.type")]
    [InlineData("""{"select":["a",1]}""", "shape.select[1]", "shape.path")]
    [InlineData("""{"drop":["a..b"]}""", "shape.drop[0]", "shape.path")]
    [InlineData("""{"drop":["a[0]"]}""", "shape.drop[0]", "shape.path")]
    [InlineData("""{"rename":{"a":""}}""", "shape.rename.a", "field.length")]
    [InlineData("""{"rename":["a"]}""", "shape.rename", "field.type")]
    [InlineData("""{"set":{"a":1,"a.b":2}}""", "shape.set.a.b", "shape.set")]
    [InlineData("""{"set":{"a.b":1,"a":2}}""", "shape.set.a", "shape.set")]
    [InlineData("""{"set":{"a":1,"a":2}}""", "shape.set.a", "field.duplicate")]
    [InlineData("""{"set":{"x":{"a":1,"a":2}}}""", "shape.a", "field.duplicate")]
    [InlineData("""{"set":{"x":["\ud800"]}}""", "shape", "field.text")]
    [InlineData("""{"envelope":{"\ud800":1}}""", "shape.", "field.text")]
    [InlineData("""{"set":{"x":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}}""", "shape", "shape.too_deep")]
    [InlineData("""{"mask":1}""", "shape.mask", "field.length")]
    [InlineData("""{"body":"xml"}""", "shape.body", "field.value")]
    [InlineData("""{"envelope":[]}""", "shape.envelope", "field.type")]
    [InlineData("""{"envelope":{"a":"{{payload}}","b":"{{payload}}"}}""", "shape.envelope", "shape.envelope")]
    [InlineData("""{"envelope":{"a":"x {{payload}}"}}""", "shape.envelope", "shape.envelope")]
    [InlineData("""{"envelope":{"a":"{{secret}}"}}""", "shape.envelope", "shape.envelope")]
    [InlineData("""{"envelope":{"a":"{{"}}""", "shape.envelope", "shape.envelope")]
    public void A_mistake_is_named_by_its_place(string shape, string field, string code)
    {
        Assert.Null(Shape.Parse(JsonText.Of(Encoding.UTF8.GetBytes(shape)), "shape", out var refusal));
        Assert.Equal((field, code), (refusal!.Field!, refusal.Code));
    }

    [Fact]
    public void Whatever_is_shaped_stays_JSON()
    {
        var random = new Random(99);
        string[] shapes = ["""{"select":["a","b.a"],"rename":{"b":"a"}}""", """{"drop":["a.b"],"set":{"b.c":1,"x":{}}}""", """{"redact":["b"],"rename":{"a":"c","c":"a"},"set":{"c":[]}}""", """{"select":["a.a.a"],"envelope":{"x":"{{payload}}"}}"""];
        for (var i = 0; i < 5_000; i++)
        {
            var payload = Json(random, 5);
            Assert.All(shapes, shape => _ = JsonNode.Parse(Apply(shape, payload), documentOptions: default));
        }
    }

    private static string Json(Random random, int depth) => (depth == 0 ? 3 : random.Next(4)) switch
    {
        0 or 1 => $"{{{string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{"abc"[random.Next(3)]}\":{Json(random, depth - 1)}"))}}}",
        2 => $"[ {string.Join(",", Enumerable.Range(0, random.Next(3)).Select(_ => Json(random, depth - 1)))}]",
        _ => new[] { "1", "\"\\u0061\"", "null", "-1.5e3" }[random.Next(4)],
    };

    private static Shape Parse(string shape) =>
        Shape.Parse(JsonText.Of(Encoding.UTF8.GetBytes(shape)), "shape", out var refusal) ?? throw new InvalidOperationException($"{refusal!.Field}: {refusal.Detail}");

    private static string Apply(string shape, string payload) => Encoding.UTF8.GetString(Parse(shape).Apply(Event, Encoding.UTF8.GetBytes(payload)).Span);
}
