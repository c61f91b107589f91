using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Subscriptions;

public sealed class Following_the_log : IAsyncLifetime
{
    private readonly EmptyLog _log = new();
    private readonly Names _names = new();
    private SubscriptionRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        await _log.InitializeAsync();
        await _log.Execute(Names.Table);
        _runner = _log.Runner(_names, new SubscriptionOptions { PageSize = 3 });
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task A_run_processes_one_page_and_moves_the_checkpoint_to_its_end()
    {
        await _log.Append("1", "2", "3", "4");
        var facts = await _log.ReadLog(4);

        Assert.Equal(new SubscriptionRun(3, facts[2].Position, HeldElsewhere: false), await _runner.RunOnceAsync(default));
        Assert.Equal(new SubscriptionRun(1, facts[3].Position, HeldElsewhere: false), await _runner.RunOnceAsync(default));
        Assert.Equal(new SubscriptionRun(0, facts[3].Position, HeldElsewhere: false), await _runner.RunOnceAsync(default));
        Assert.Equal("1 2 3 4", await Names.Written(_log));
    }

    [Fact]
    public async Task Effects_and_checkpoint_stand_or_fall_together()
    {
        await _log.Append("1", "2");
        await _log.ReadLog(2);
        _names.BeforeCommit = () => throw new InvalidTimeZoneException();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _runner.RunOnceAsync(default));

        Assert.Equal("", await Names.Written(_log));
        Assert.Equal(LogPosition.Start, (await _runner.GetProgress(default)).Position);
        _names.BeforeCommit = () => Task.CompletedTask;
        await _runner.RunOnceAsync(default);
        Assert.Equal("1 2", await Names.Written(_log));
    }

    [Fact]
    public async Task A_transaction_that_commits_late_is_not_skipped()
    {
        await using var late = await OpenAppend.Begin(_log.DataSource, "late");
        await _log.Append("early");
        Assert.Equal(0, (await _runner.RunOnceAsync(default)).Facts);

        await late.Commit();
        await RunUntil(2);

        Assert.Equal("late early", await Names.Written(_log));
    }

    [Fact]
    public async Task A_second_node_stands_aside_while_the_first_is_at_it()
    {
        await _log.Append("1");
        await _log.ReadLog(1);
        var inside = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _names.BeforeCommit = () =>
        {
            inside.SetResult();
            return goOn.Task;
        };
        var first = _runner.RunOnceAsync(default);
        await Eventually.Arrives(inside.Task, "the first node is processing");

        var second = await _log.Runner(new Names()).RunOnceAsync(default);

        Assert.True(second.HeldElsewhere);
        goOn.SetResult();
        Assert.Equal(1, (await first).Facts);
        Assert.Equal("1", await Names.Written(_log));
    }

    [Fact]
    public async Task Two_nodes_together_process_each_fact_once_and_in_order()
    {
        using var stop = new CancellationTokenSource();
        var nodes = new[] { _runner, _log.Runner(new Names(), new SubscriptionOptions { PageSize = 2, PollInterval = TimeSpan.FromMilliseconds(5) }) }
            .Select(runner => runner.RunAsync(stop.Token))
            .ToArray();
        for (var i = 0; i < 60; i++)
        {
            await _log.Append($"{i}");
        }

        await Eventually.Is(async () => await _log.Scalar<long>("select count(*) from names") >= 60, "all facts are processed");
        await stop.CancelAsync();
        await Task.WhenAll(nodes);

        Assert.Equal(string.Join(' ', Enumerable.Range(0, 60)), await Names.Written(_log));
    }

    [Fact]
    public async Task Subscriptions_follow_independently()
    {
        await _log.Append("1", "2");
        await _log.ReadLog(2);
        await _runner.RunOnceAsync(default);

        await _log.Runner(new Names("others")).RunOnceAsync(default);

        Assert.Equal(("1 2", "1 2"), (await Names.Written(_log), await Names.Written(_log, "others")));
    }

    [Fact]
    public async Task A_commit_wakes_the_loop_and_a_failure_does_not_end_it()
    {
        var slow = _log.Runner(_names, new SubscriptionOptions { PollInterval = TimeSpan.FromMinutes(10) });
        var failures = 0;
        _names.BeforeCommit = () => ++failures == 1 ? throw new InvalidTimeZoneException() : Task.CompletedTask;
        using var stop = new CancellationTokenSource();
        var running = slow.RunAsync(stop.Token);

        await _log.Append("1");
        await Written("1");
        await _log.Append("2");
        await Written("1 2");

        await stop.CancelAsync();
        await running;
        Assert.True(failures > 1);
    }

    [Fact]
    public async Task What_is_committed_while_it_lingers_comes_in_one_page()
    {
        await _log.Append("1");
        await _log.ReadLog(1);
        var clock = new FakeClock();
        var options = new SubscriptionOptions { Linger = TimeSpan.FromMinutes(1) };
        var lingering = new SubscriptionRunner(_names, _log.DataSource, _log.Signal, clock, NullLogger<SubscriptionRunner>.Instance, options);
        var pages = 0;
        _names.BeforeCommit = () => Task.FromResult(++pages);
        using var stop = new CancellationTokenSource();
        var running = lingering.RunAsync(stop.Token);
        await Eventually.Is(() => clock.Waiting == 1, "the first page has woken it, and it lingers");

        await _log.Append("2");
        await _log.ReadLog(2);
        await _log.Append("3");
        await _log.ReadLog(3);
        Assert.Equal("1", await Names.Written(_log));
        clock.Advance(options.Linger);
        await Written("1 2 3");

        await stop.CancelAsync();
        await running;
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task A_reset_begins_anew_in_one_transaction_with_the_undoing()
    {
        await _log.Append("1", "2");
        await RunUntil(2);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _runner.Reset((_, _, _) => throw new InvalidTimeZoneException(), default));
        Assert.Equal(0, (await _runner.RunOnceAsync(default)).Facts);

        await _runner.Reset(async (connection, transaction, ct) =>
        {
            await using var truncate = new Npgsql.NpgsqlCommand("truncate names", connection, transaction);
            await truncate.ExecuteNonQueryAsync(ct);
        }, default);
        await RunUntil(2);
        Assert.Equal("1 2", await Names.Written(_log));
    }

    [Fact]
    public async Task Progress_tells_position_head_lag_and_the_age_of_what_waits()
    {
        Assert.Equal(new SubscriptionProgress("names", LogPosition.Start, LogPosition.Start, 0, null), await _runner.GetProgress(default));
        await _log.Append("1", "2", "3", "4");
        var facts = await _log.ReadLog(4);
        await RunUntil(3);

        var behind = await _runner.GetProgress(default);

        Assert.Equal((facts[2].Position, facts[3].Position, 1L), (behind.Position, behind.Head, behind.Lag));
        Assert.True(behind.OldestWaiting > TimeSpan.Zero);
        await RunUntil(1);
        var level = await _runner.GetProgress(default);
        Assert.Equal((level.Head, 0L, null), (level.Position, level.Lag, level.OldestWaiting));
    }

    private Task Written(string names) => Eventually.Is(async () => await Names.Written(_log) == names, $"'{names}' is written");

    private async Task RunUntil(int facts)
    {
        var done = 0;
        await Eventually.Is(async () => (done += (await _runner.RunOnceAsync(default)).Facts) >= facts, $"{facts} facts are processed");
    }
}
