using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Reading;

public sealed class Reading_the_log : IAsyncLifetime
{
    private readonly EmptyLog _log = new();

    public ValueTask InitializeAsync() => _log.InitializeAsync();
    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task A_transaction_that_commits_late_is_not_skipped_and_nothing_overtakes_it()
    {
        await _log.Append("before");
        await _log.ReadLog(1);
        await using var late = await LateAppend("late");
        await _log.Append("early");
        await _log.Append("early too");

        Assert.Equal(["before"], Names(await _log.Store.ReadLog(LogPosition.Start, 100, default)));

        await late.Commit();
        Assert.Equal(["before", "late", "early", "early too"], Names(await _log.ReadLog(4)));
    }

    [Fact]
    public async Task A_transaction_that_began_late_but_drew_an_early_number_is_not_skipped()
    {
        // The number comes from one transaction, the id from a younger one: the order of numbers is not the order of ids.
        await using var older = await LateAppend(null);
        await using var younger = await LateAppend("drawn first");
        await older.Write("drawn second");
        await older.Commit();
        await _log.Append("third");

        Assert.Equal(["drawn second"], Names(await _log.ReadLog(1)));

        await younger.Commit();
        var log = await _log.ReadLog(3);
        Assert.Equal(["drawn second", "drawn first", "third"], Names(log));
        Assert.True(log[0].Position.Seq > log[1].Position.Seq);
    }

    [Fact]
    public async Task A_transaction_rolled_back_holds_nobody_back_for_good()
    {
        await using (await LateAppend("never"))
        {
            await _log.Append("after");
            Assert.Empty(await _log.Store.ReadLog(LogPosition.Start, 100, default));
        }

        Assert.Equal(["after"], Names(await _log.ReadLog(1)));
    }

    [Fact]
    public async Task Pages_end_and_begin_anywhere_even_inside_a_transaction()
    {
        await _log.Append("1", "2", "3");
        await _log.Append("4", "5");
        await _log.ReadLog(5);

        var seen = new List<string>();
        var position = LogPosition.Start;
        foreach (var expected in (int[])[2, 2, 1, 0])
        {
            var page = await _log.Store.ReadLog(position, 2, default);
            Assert.Equal(expected, page.Count);
            seen.AddRange(Names(page));
            position = page.Count == 0 ? position : page[^1].Position;
        }

        Assert.Equal(["1", "2", "3", "4", "5"], seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task A_replay_yields_every_fact_once_whatever_the_page(int pageSize)
    {
        await _log.Append("1", "2", "3", "4", "5");
        await _log.Append("6", "7", "8", "9", "10");
        var whole = await _log.ReadLog(10);

        Assert.Equal(whole, await _log.Store.Replay(LogPosition.Start, pageSize, default).ToListAsync());
        Assert.Equal(whole.Skip(3), await _log.Store.Replay(whole[2].Position, pageSize, default).ToListAsync());
    }

    [Fact]
    public async Task Many_writers_and_one_reader_lose_and_repeat_nothing()
    {
        const int Writers = 8, Each = 40;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async w =>
        {
            for (var i = 0; i < Each; i++)
            {
                await _log.Append($"{w}/{i}");
            }
        }));

        var seen = new List<string>();
        var position = LogPosition.Start;
        await Eventually.Is(async () =>
        {
            var page = await _log.Store.ReadLog(position, 7, default);
            seen.AddRange(Names(page));
            position = page.Count == 0 ? position : page[^1].Position;
            return seen.Count == Writers * Each;
        }, "every fact is read");

        await writing;
        Assert.Equal(seen.Distinct(), seen);
        Assert.Empty(await _log.Store.ReadLog(position, 7, default));
    }

    private static IEnumerable<string> Names(IEnumerable<StoredFact> facts) => facts.Select(EmptyLog.NameOf);

    private async Task<OpenAppend> LateAppend(string? name) => await OpenAppend.Begin(_log.DataSource, name);
}
