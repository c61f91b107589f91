using System.Diagnostics;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class TraceparentTests
{
    private static string FromIds(int delivery, int number) => Traceparent.Of(null, Id<MessageId>(1), Id<DeliveryId>(delivery), number).Value;

    [Fact]
    public void Without_a_span_the_trace_is_the_event_and_the_span_the_attempt()
    {
        Assert.Equal("00-01890a5dac96774bbcce000000000001-bcce000000000003-01", FromIds(2, 1));
        string[] all = [FromIds(2, 1), FromIds(2, 2), FromIds(5, 1)];
        Assert.Equal(3, all.Distinct().Count());
        Assert.Single(all.Select(t => t[..35]).Distinct());
    }

    [Fact]
    public void With_a_span_it_is_the_span()
    {
        using var span = new Activity("attempt").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Equal(new Header("traceparent", span.Id!), Traceparent.Of(span, Id<MessageId>(1), Id<DeliveryId>(2), 1));
    }

    [Theory]
    [InlineData("POST", "X-A Authorization Content-Encoding")]
    [InlineData("GET", "X-A Authorization")]
    public void Headers_of_auth_and_transport_follow_the_customer_s_own(string method, string names)
    {
        var configuration = Configuration with { Method = method, Transport = new(Compression: BodyCompression.Gzip) };
        Assert.Equal(names, string.Join(' ', ConfiguredHeaders.Of(configuration, [new("X-A", "1")], "Basic x").Select(h => h.Name)));
        Assert.Equal([new Header("X-A", "1")], ConfiguredHeaders.Of(Configuration, [new("X-A", "1")], null));
    }
}
