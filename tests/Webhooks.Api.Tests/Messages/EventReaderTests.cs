using System.Text;
using System.Text.Json;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Tests.Messages;

public class EventReaderTests
{
    private const int Limit = 1000;

    private static EventDraft Parse(string body) => EmitBody.ParseEvent(Encoding.UTF8.GetBytes(body), Limit);

    private static Problem Refused(ReadOnlySpan<byte> body)
    {
        try
        {
            EmitBody.ParseEvent(body, Limit);
        }
        catch (ProblemException e)
        {
            return e.Problem;
        }

        throw new InvalidOperationException("It was not refused.");
    }

    private static string[] Errors(string body) => [.. Refused(Encoding.UTF8.GetBytes(body)).Errors.Select(e => $"{e.Field} {e.Code}")];

    [Theory]
    [InlineData("{}", "type field.required", "payload field.required")]
    [InlineData("""{"type":1,"payload":1}""", "type field.type")]
    [InlineData("""{"type":null,"payload":1}""", "type field.required")]
    [InlineData("""{"type":"","payload":1}""", "type event_type.form")]
    [InlineData("""{"type":"a b","payload":1}""", "type event_type.form")]
    [InlineData("""{"type":"\ud800","payload":1}""", "type field.text")]
    [InlineData("""{"type":"webhook.test","payload":1}""", "type event_type.reserved")]
    [InlineData("""{"type":"a","type":"b","payload":1}""", "type field.duplicate")]
    [InlineData("""{"type":"a","payload":1,"p\u0061yload":[{}]}""", "payload field.duplicate")]
    [InlineData("""{"type":"a","payload":1,"company_sid":"x"}""", "company_sid field.sid")]
    [InlineData("""{"type":"a","payload":1,"company_sid":null,"companySid":null}""", "company_sid field.duplicate")]
    [InlineData("""{"type":"a","payload":1,"payloads":{"a":[1]},"id":7}""", "payloads field.unknown", "id field.type")]
    [InlineData("""{"type":"a","payload":1,"\ud800":0}""", "\\ud800 field.unknown")]
    [InlineData("""{"type":"a","payload":1,"ordering_key":""}""", "ordering_key event.ordering_key")]
    [InlineData("""{"type":"a","payload":1,"ordering_key":7,"deliver_at":7}""", "ordering_key field.type", "deliver_at field.type")]
    [InlineData("""{"type":"a","payload":1,"orderingKey":"a","ordering_key":"a"}""", "ordering_key field.duplicate")]
    [InlineData("""{"type":"a","payload":1,"deliver_at":"tomorrow"}""", "deliver_at field.time")]
    [InlineData("""{"type":"a","payload":1,"deliver_at":"2026-01-31T12:00:00"}""", "deliver_at field.time")]
    [InlineData("""{"type":"a","payload":1,"deliver_at":"2026-01-31"}""", "deliver_at field.time")]
    [InlineData("""{"type":"a","payload":1,"deliver_at":"2026-02-30T12:00:00Z"}""", "deliver_at field.time")]
    public void Every_broken_rule_is_named(string body, params string[] errors) => Assert.Equal(errors, Errors(body));

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000+00:00")]
    [InlineData("2026-01-31T12:00:00.1239999+02:00", "2026-01-31T10:00:00.1230000+00:00")]
    [InlineData("2026-01-31T12:00:00-00:30", "2026-01-31T12:30:00.0000000+00:00")]
    public void A_time_has_its_offset_and_counts_to_the_millisecond(string deliverAt, string read) =>
        Assert.Equal(read, Parse($$"""{"type":"a","payload":1,"deliverAt":"{{deliverAt}}"}""").DeliverAt?.ToString("O"));

    [Fact]
    public void Null_is_no_key_and_no_time()
    {
        var draft = Parse("""{"type":"a","payload":1,"ordering_key":null,"deliver_at":null}""");
        Assert.Equal((null, null), (draft.OrderingKey, draft.DeliverAt));
    }

    [Fact]
    public void A_misspelled_field_is_recognized() =>
        Assert.Contains("Did you mean 'payload'?", Refused("""{"type":"a","payload":1,"paylod":1}"""u8).Errors[0].Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{\"type\":\"a\",\n \"payload\":tru}", "line 2")]
    [InlineData("{\"type\":\"a\",\"payload\":1} x", "line 1, byte 26")]
    [InlineData("{\"type\":\"a\",\"payload\":1,}", "line 1")]
    public void Malformed_json_is_located(string body, string at)
    {
        var problem = Refused(Encoding.UTF8.GetBytes(body));
        Assert.Equal((400, "json.malformed"), (problem.Status, problem.Code));
        Assert.Contains(at, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.Equal("json.encoding", Refused([.. "{\"type\":\"a\",\"payload\":\""u8, 0xff, .. "\"}"u8]).Code);

    [Fact]
    public void A_null_payload_is_a_payload() => Assert.Equal("null"u8.ToArray(), Parse("""{"type":"a","payload":null}""").Payload);

    [Fact]
    public void The_payload_is_measured_in_bytes()
    {
        Assert.Equal(Limit, Parse($$"""{"type":"a","payload":"{{new string('é', (Limit - 2) / 2)}}"}""").Payload.Length);
        Assert.Equal(413, Refused(Encoding.UTF8.GetBytes($$"""{"type":"a","payload":"{{new string('é', Limit / 2)}}"}""")).Status);
    }

    /// <summary>System.Text.Json's document is the oracle: same verdict about what is JSON, same values, same bytes.</summary>
    [Fact]
    public void Random_bodies_are_read_as_the_oracle_reads_them()
    {
        var random = new Random(20_260_131);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 50_000; i++)
        {
            var body = Mutate(random, Seeds[random.Next(Seeds.Length)]);
            try
            {
                var draft = EmitBody.ParseEvent(body, Limit);
                using var oracle = JsonDocument.Parse(body);
                var root = oracle.RootElement;
                Assert.Equal(root.GetProperty("type").GetString(), draft.Type);
                Assert.Equal(root.GetProperty("payload").GetRawText(), Encoding.UTF8.GetString(draft.Payload));
                Assert.Equal(root.TryGetProperty("id", out var id) ? id.GetString() : null, draft.Id);
                Assert.True(EventTypes.IsValid(draft.Type));
                read++;
            }
            catch (ProblemException e)
            {
                Assert.Equal(e.Problem.Code is "json.malformed" or "json.encoding", !IsJson(body));
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static readonly string[] Seeds =
    [
        """{"type":"order.paid","payload":{"order":4711,"lines":[1,2.5e3,"x"]},"id":"k-1"}""",
        """{ "payload" : [ true , null , "\u00e9\n" ] , "type" : "a" }""",
        """{"type":"a","payload":"text é 𝄞","company_sid":"com_01h455vb4pex5vsknk084sn02q"}""",
        """{"typ\u0065":"b","payload":-0.0e+1}""",
    ];

    private static byte[] Mutate(Random random, string seed)
    {
        var bytes = Encoding.UTF8.GetBytes(seed).ToList();
        for (var n = random.Next(4); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)"{}[]\",:\\ 0e-"[random.Next(12)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(1, 12))));
                    break;
            }
        }

        return [.. bytes];
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(body);
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return false;
        }
    }
}
