using System.Buffers;
using System.Text;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class StreemBodyTests
{
    private static readonly DateTimeOffset SentAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void Time_type_and_payload_stand_where_receivers_look_for_them() =>
        Assert.Equal(
            """{"sent_at":"2026-01-02T03:04:05.678Z","event":{"event_type":"group_reservation_updated","payload":{"previous_group_reservation":null,"updated_group_reservation":{"1":"Köln </b>","n":1.5}}}}""",
            Body("group_reservation_updated", """{ "previous_group_reservation": null, "updated_group_reservation": { "n": 1.50, "1": "K\u00f6ln <\/b>" } }"""));

    [Fact]
    public void A_body_taken_apart_and_put_together_by_JavaScript_rules_is_the_same()
    {
        var body = Body("a.b", """[1e400, 12345678901234567890, {"b": 1, "a": 2, "b": 3}, "\u2028\ud800"]""");

        Assert.Equal(body, EcmaScriptJsonTests.Write(Utf8(body)));
    }

    [Fact]
    public void The_time_in_the_body_is_the_time_that_is_signed()
    {
        var headers = RequestSigner.Sign(SignatureScheme.Streem, new SigningInput { MessageId = "m", SentAt = SentAt, Content = [], Keys = Keys(SignatureScheme.Streem, "s") });

        Assert.Contains($"\"sent_at\":\"{headers.Value("Streem-Sent-At")}\"", Body("a", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_could_break_out_of_its_quotation_marks_is_not_written() =>
        Assert.Throws<ArgumentException>(() => Body("a\"b", "1"));

    private static string Body(string type, string payload)
    {
        var output = new ArrayBufferWriter<byte>();
        StreemBody.Write(output, SentAt, type, Utf8(payload));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
