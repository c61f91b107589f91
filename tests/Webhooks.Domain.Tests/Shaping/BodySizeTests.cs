using System.Text;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Shaping;

namespace Webhooks.Domain.Tests.Shaping;

/// <summary>What a shape makes of a payload stays near the payload's own size, and so does what making it takes.</summary>
public sealed class BodySizeTests
{
    private const int MiB = 1024 * 1024;

    private static readonly ShapedEvent Event = new(
        new MessageId(new Guid(1, 0, 0, new byte[8])), "order.paid", DateTimeOffset.UnixEpoch, new CompanyId(new Guid(2, 0, 0, new byte[8])),
        new WebhookId(new Guid(3, 0, 0, new byte[8])), new DeliveryId(new Guid(4, 0, 0, new byte[8])), 1, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(0, MiB)]
    [InlineData(1_000, MiB + 4_000)]
    [InlineData(2 * MiB, 9 * MiB)]
    [InlineData(20 * MiB, 64 * MiB)]
    [InlineData(100 * MiB, 101 * MiB)]
    [InlineData(int.MaxValue, 0x7FFFFFC7)]
    public void A_body_has_at_most_four_times_the_bytes_of_its_payload_and_one_mebibyte(int payload, int most) => Assert.Equal(most, RequestBody.MaxBytes(payload));

    [Fact]
    public void A_constant_that_is_set_in_many_items_is_refused_before_it_is_written_so_often()
    {
        var payload = Json($$"""{"x":[{{Repeat("{},", 2_000)}}{}]}""");
        Refuses($$$"""{"set":{"x.y":"{{{new string('z', 16_000)}}}"}}""", payload);
    }

    [Fact]
    public void A_mask_of_many_escapes_is_refused_where_it_stands_too_often() =>
        Refuses($$"""{"redact":["a"],"mask":"{{Repeat("\\u0001", 100)}}"}""", Json($"[{Repeat("{\"a\":0},", 5_000)}0]"));

    [Fact]
    public void A_long_name_that_a_form_writes_with_each_of_many_items_is_refused() =>
        Refuses("""{"body":"form"}""", Json($$"""{"{{new string('ä', 4_000)}}":[{{Repeat("0,", 4_000)}}0]}"""));

    [Fact]
    public void A_form_whose_long_name_holds_no_values_is_made_without_writing_that_name_again()
    {
        var payload = Json($$"""{"{{new string('ä', 4_000)}}":[{{Repeat("{},", 4_000)}}0]}""");
        Assert.Equal((2 * 4_000 * 3) + "%5B4000%5D=0".Length, Measured("""{"body":"form"}""", payload));
    }

    [Fact]
    public void An_envelope_counts_as_the_body_does() =>
        Refuses($$$"""{"set":{"x.y":"{{{new string('z', 8_000)}}}"},"envelope":{"a":"{{{new string('e', 7_000)}}}","b":"{{payload}}"}}""", Json($$"""{"x":[{{Repeat("{},", 130)}}{}]}"""));

    [Fact]
    public void A_framing_counts_as_the_body_does()
    {
        // Each number is written as the double that it is: 1e20 with 21 digits.
        var payload = Json($"[{Repeat("1e20,", 600_000)}0]");
        var refused = Assert.Throws<BodyTooLargeException>(() => RequestBody.Compose(BodyFraming.Streem, null, Event, payload));
        Assert.Equal(RequestBody.MaxBytes(payload.Length), refused.MaxBytes);
    }

    [Fact]
    public void A_large_payload_may_be_written_as_a_form_of_three_bytes_a_letter()
    {
        var payload = Json($$"""{"a":"{{new string('ä', MiB)}}"}""");
        Assert.Equal((6 * MiB) + 2, Shape("""{"body":"form"}""").Apply(Event, payload).Length);
    }

    [Fact]
    public void A_refusal_says_how_much_a_body_may_have()
    {
        var refused = Assert.Throws<BodyTooLargeException>(() => Shape("""{"body":"form"}""").Apply(Event, Json($$"""{"{{new string('ä', 4_000)}}":[{{Repeat("0,", 4_000)}}0]}""")));
        Assert.Equal($"The shaped body would have more than {refused.MaxBytes} bytes.", refused.Message);
    }

    private static void Refuses(string shape, byte[] payload)
    {
        var parsed = Shape(shape);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<BodyTooLargeException>(() => parsed.Apply(Event, payload));
        Assert.Equal(RequestBody.MaxBytes(payload.Length), refused.MaxBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * RequestBody.MaxBytes(payload.Length));
    }

    private static int Measured(string shape, byte[] payload)
    {
        var parsed = Shape(shape);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = parsed.Apply(Event, payload).Length;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * RequestBody.MaxBytes(payload.Length));
        return length;
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    private static Shape Shape(string shape) =>
        Domain.Shaping.Shape.Parse(JsonText.Of(Encoding.UTF8.GetBytes(shape)), "shape", out var refusal) ?? throw new InvalidOperationException($"{refusal!.Field}: {refusal.Detail}");
}
