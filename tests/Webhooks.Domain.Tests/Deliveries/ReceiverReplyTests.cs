using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class ReceiverReplyTests
{
    private const string Date = "Wed, 04 Mar 2026 05:06:07 GMT";

    [Theory]
    [InlineData("0", null)]
    [InlineData("1", 1.0)]
    [InlineData("120", 120.0)]
    [InlineData(" 120 ", 120.0)]
    [InlineData("86400", 86_400.0)]
    [InlineData("86401", 86_400.0)]
    [InlineData("315360000", 86_400.0)]
    [InlineData("99999999999999999999999999", 86_400.0)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData("1.5", null)]
    [InlineData("1e3", null)]
    [InlineData("0x10", null)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    [InlineData("１２０", null)]
    public void Retry_after_in_seconds_is_taken_up_to_a_day_and_nothing_else_for_a_number(string value, double? seconds) =>
        Assert.Equal(seconds, RetryAfter(429, new Header("Retry-After", value)));

    [Theory]
    [InlineData("Wed, 04 Mar 2026 05:08:07 GMT", 120.0)]
    [InlineData("Wednesday, 04-Mar-26 05:08:07 GMT", 120.0)]
    [InlineData("Wed Mar  4 05:08:07 2026", 120.0)]
    [InlineData("Wed, 04 Mar 2026 05:06:07 GMT", null)]
    [InlineData("Mon, 01 Jan 1990 00:00:00 GMT", null)]
    [InlineData("Tue, 01 Jan 2036 00:00:00 GMT", 86_400.0)]
    [InlineData("2026-03-04T05:08:07Z", null)]
    [InlineData("Wed, 04 Mar 2026 05:08:07 CET", null)]
    [InlineData("Wed, 32 Mar 2026 05:08:07 GMT", null)]
    public void Retry_after_as_a_date_counts_from_the_receivers_own_date(string value, double? seconds) =>
        Assert.Equal(seconds, RetryAfter(503, new Header("date", Date), new Header("retry-after", value)));

    [Fact]
    public void Without_a_date_of_the_receiver_the_end_of_the_attempt_counts()
    {
        var attempt = Answered(1, 503, new Header("Retry-After", "Wed, 04 Mar 2026 05:08:07 GMT")) with { StartedAt = Now, DurationUs = 110_000 };
        Assert.Equal(TimeSpan.FromSeconds(119), ReceiverReply.Of(attempt).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(119), ReceiverReply.Of(attempt with { ResponseHeaders = new Header[] { attempt.ResponseHeaders[0], new("Date", "today") } }).RetryAfter);
    }

    [Fact]
    public void Of_several_the_longest_that_can_be_read_counts() =>
        Assert.Equal(30, RetryAfter(429, new Header("Retry-After", "10"), new Header("Retry-After", "garbage"), new Header("Retry-After", "30")));

    [Theory]
    [InlineData(200)]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    public void Other_statuses_than_429_and_503_say_nothing_by_it(int status) => Assert.Null(RetryAfter(status, new Header("Retry-After", "10")));

    [Theory]
    [InlineData(410, null, true, false)]
    [InlineData(404, null, false, false)]
    [InlineData(500, "disable", true, false)]
    [InlineData(200, "disable", true, false)]
    [InlineData(500, "abort-message", false, true)]
    [InlineData(302, "abort-message", false, true)]
    [InlineData(200, "abort-message", false, false)]
    [InlineData(299, "abort-message", false, false)]
    [InlineData(410, "Abort-Message", true, true)]
    [InlineData(500, "DISABLE , abort-message", true, true)]
    [InlineData(500, "disabled", false, false)]
    [InlineData(500, "abort", false, false)]
    [InlineData(500, "", false, false)]
    public void A_receiver_can_decline_the_message_or_all_of_them(int status, string? value, bool disables, bool aborts)
    {
        Header[] headers = value is null ? [] : [new("Webhook-Delivery", value)];
        Assert.Equal(new ReceiverReply(null, disables, aborts), ReceiverReply.Of(Answered(1, status, headers)));
    }

    [Fact]
    public void What_the_head_says_counts_also_where_the_body_broke_off()
    {
        var broken = Answered(1, 410) with { Failure = FailureClass.Reset };
        Assert.True(ReceiverReply.Of(broken).Disables);
        Assert.True(ReceiverReply.SpendsNothing(Answered(1, 429) with { Failure = FailureClass.Timeout }));
    }

    [Fact]
    public void Without_a_response_nothing_is_asked_for() => Assert.Equal(default, ReceiverReply.Of(Attempt(1, FailureClass.Connect)));

    [Fact]
    public void Only_429_and_our_own_faults_spend_nothing()
    {
        Assert.Equal([429], Enumerable.Range(100, 500).Where(status => ReceiverReply.SpendsNothing(Answered(1, status))));
        Assert.Equal([FailureClass.Internal, FailureClass.Proxy], Enum.GetValues<FailureClass>().Where(f => ReceiverReply.SpendsNothing(Attempt(1, f))));
    }

    private static double? RetryAfter(int status, params Header[] headers) => ReceiverReply.Of(Answered(1, status, headers)).RetryAfter?.TotalSeconds;
}
