using Webhooks.Domain.Companies;

namespace Webhooks.EventStore.Tests.Reading;

public sealed class Reading_streams(EmptyLog log) : IClassFixture<EmptyLog>
{
    [Theory]
    [InlineData(1, 2, "a b")]
    [InlineData(3, 2, "c d")]
    [InlineData(5, 2, "e")]
    [InlineData(6, 2, "")]
    [InlineData(1, 5, "a b c d e")]
    [InlineData(1, 0, "")]
    public async Task A_page_begins_at_a_version_and_has_a_length(int fromVersion, int maxCount, string expected)
    {
        var stream = await log.Append("a", "b", "c", "d", "e");

        var page = await log.Store.ReadStream(stream, fromVersion, maxCount, default);

        Assert.Equal(expected, string.Join(' ', page.Select(EmptyLog.NameOf)));
    }

    [Fact]
    public async Task A_stream_is_aggregated_as_it_stood_at_a_version()
    {
        var stream = await log.Append("a", "b", "c");

        Assert.Equal(("ab", 2), await Aggregate(stream, atVersion: 2));
        Assert.Equal(("abc", 3), await Aggregate(stream, atVersion: 99));
        Assert.Equal(("", 0), await Aggregate(stream, atVersion: 0));
        Assert.Equal(("abc", 3), await Aggregate(stream));
    }

    [Fact]
    public async Task A_stream_is_aggregated_as_it_stood_at_a_time()
    {
        var stream = await log.Append("a", "b");
        await log.Append(stream, 2, "c");
        var facts = await log.Read(stream);

        Assert.Equal(("", 0), await Aggregate(stream, at: facts[0].RecordedAt.AddMicroseconds(-1)));
        Assert.Equal(("ab", 2), await Aggregate(stream, at: facts[1].RecordedAt));
        Assert.Equal(("abc", 3), await Aggregate(stream, at: facts[2].RecordedAt));
    }

    [Fact]
    public async Task A_time_that_ran_backwards_makes_no_gap()
    {
        var stream = await log.Append("a", "b", "c");
        await log.Execute($"update es.events set recorded_at = recorded_at + interval '1 minute' where stream_id = '{stream}' and version = 2");
        var first = (await log.Read(stream))[0].RecordedAt;

        Assert.Equal(("a", 1), await Aggregate(stream, at: first));
    }

    private async Task<(string, int)> Aggregate(Guid stream, int? atVersion = null, DateTimeOffset? at = null)
    {
        var aggregate = await log.Store.AggregateStream<string, CompanyRegistered>(stream, "", (state, fact) => state + fact.Name, atVersion, at, default);
        return (aggregate.State, aggregate.Version);
    }
}
