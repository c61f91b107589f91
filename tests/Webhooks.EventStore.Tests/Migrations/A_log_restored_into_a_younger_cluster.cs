using Webhooks.EventStore.Tests.Subscriptions;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Migrations;

public sealed class A_log_restored_into_a_younger_cluster : IAsyncLifetime
{
    private readonly EmptyLog _log = new();

    /// <summary>Three facts of which the second in number was the last to be committed, two of them processed; then ids as of an older cluster.</summary>
    public async ValueTask InitializeAsync()
    {
        await _log.InitializeAsync();
        await _log.Execute(Names.Table);
        await using (var first = await OpenAppend.Begin(_log.DataSource, null))
        await using (var second = await OpenAppend.Begin(_log.DataSource, "2"))
        {
            await first.Write("1");
            await first.Commit();
            await second.Commit();
        }

        await _log.ReadLog(2);
        await _log.Runner(new Names()).RunOnceAsync(default);
        await _log.Append("3");
        await _log.Execute("update es.events set tx = (tx::text::numeric + 1000000000000)::text::xid8");
        await _log.Execute("update es.checkpoints set tx = (tx::text::numeric + 1000000000000)::text::xid8");
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task Keeps_its_order_and_is_followed_by_what_comes_after()
    {
        Assert.Empty(await _log.Store.ReadLog(LogPosition.Start, 10, default));

        Assert.Equal(["after_restore"], await Migrate());
        await _log.Append("4");

        Assert.Equal(["1", "2", "3", "4"], (await _log.ReadLog(4)).Select(EmptyLog.NameOf));
    }

    [Fact]
    public async Task Is_followed_on_from_where_each_subscription_stood()
    {
        await Migrate();
        await _log.Append("4");
        var runner = _log.Runner(new Names());

        await Eventually.Is(async () => (await runner.RunOnceAsync(default)).Position.Tx > 1, "the new fact is processed");

        Assert.Equal("1 2 3 4", await Names.Written(_log));
    }

    [Fact]
    public async Task Is_brought_over_once()
    {
        await Migrate();

        Assert.Empty(await Migrate());
    }

    private Task<IReadOnlyList<string>> Migrate() => new Migrator(_log.DataSource, [EmptyLog.Schema]).Migrate(default);
}
