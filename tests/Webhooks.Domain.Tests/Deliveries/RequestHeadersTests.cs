using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class RequestHeadersTests
{
    private static readonly Header[] Signature = [new("webhook-signature", "v1,c2ln")];
    private static readonly Header[] Custom = [new("X-B", "1"), new("X-A", "2")];

    [Fact]
    public void Ours_come_first_then_the_signatures_then_the_customers_and_last_what_describes_the_body() =>
        Assert.Equal(
            [
                new("User-Agent", "Webhooks/1"),
                new("webhook-id", Id<MessageId>(1).ToString()),
                new("webhook-delivery-id", Id<DeliveryId>(2).ToString()),
                new("webhook-attempt", "3"),
                new("webhook-event-type", "order.created"),
                .. Signature,
                .. Custom,
                new("Content-Type", "application/json"),
            ],
            RequestHeaders.Compose(Id<MessageId>(1), Id<DeliveryId>(2), 3, "order.created", hasBody: true, Custom, Signature));

    [Fact]
    public void A_number_travels_with_ours() =>
        Assert.Equal(
            ["webhook-event-type", "webhook-sequence", "webhook-signature"],
            RequestHeaders.Compose(Id<MessageId>(1), Id<DeliveryId>(2), 3, "a", hasBody: true, Custom, Signature, sequence: 12_345).Skip(4).Take(3).Select(h => h.Name));

    [Fact]
    public void A_request_without_body_has_no_content_type() =>
        Assert.DoesNotContain(
            RequestHeaders.Compose(Id<MessageId>(1), Id<DeliveryId>(2), 1, "a", hasBody: false, Custom, Signature),
            h => h.Name == "Content-Type");
}
