using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.WakeUps;

public sealed class Waking_other_nodes(EmptyLog log) : IClassFixture<EmptyLog>, IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private NpgsqlDataSource _source = null!;

    /// <summary>Connections of its own: one test cuts those that ever listened, which in a pool that they share another test would meet.</summary>
    public ValueTask InitializeAsync()
    {
        _source = PostgresDataSource.Create(log.ConnectionString, new PostgresOptions());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_commit_on_one_node_wakes_the_other()
    {
        var here = await Node("here");
        var there = await Node("there");
        var seen = there.Version;

        here.Notify();

        await Eventually.Is(() => there.Version > seen, "the other node is woken");
    }

    [Fact]
    public async Task A_node_that_was_woken_wakes_nobody_in_turn()
    {
        var here = await Node("here");
        var there = await Node("there");
        var (seenHere, seenThere) = (here.Version, there.Version);
        here.Notify();
        await Eventually.Is(() => there.Version == seenThere + 1, "the other node is woken");

        there.Notify();
        await Eventually.Is(() => here.Version > seenHere + 1, "the first node is woken");

        Assert.Equal((seenHere + 2, seenThere + 2), (here.Version, there.Version));
    }

    [Fact]
    public async Task A_listener_whose_connection_is_cut_comes_back_and_wakes_its_node()
    {
        var there = await Node("there");
        var seen = there.Version;

        await log.Execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%' and pid <> pg_backend_pid()");

        await Eventually.Is(() => there.Version > seen, "the listener is back");
        seen = there.Version;
        (await Node("here")).Notify();
        await Eventually.Is(() => there.Version > seen, "the other node is woken");
    }

    [Fact]
    public async Task Nothing_is_told_where_nothing_was_committed()
    {
        var signal = new LogSignal(TimeProvider.System);
        var notifier = new LogNotifier(_source, signal, new NodeName("quiet"), TimeProvider.System, NullLogger<LogNotifier>.Instance);

        Assert.False(await notifier.RunOnceAsync(default));
        signal.Notify();
        signal.Notify();
        Assert.True(await notifier.RunOnceAsync(default));
        Assert.False(await notifier.RunOnceAsync(default));
    }

    /// <summary>A node that listens and tells.</summary>
    private async Task<LogSignal> Node(string name)
    {
        var signal = new LogSignal(TimeProvider.System);
        var node = new NodeName(name);
        _running.Add(new LogListener(_source, signal, node, TimeProvider.System, NullLogger<LogListener>.Instance).RunAsync(_stop.Token));
        _running.Add(new LogNotifier(_source, signal, node, TimeProvider.System, NullLogger<LogNotifier>.Instance).RunAsync(_stop.Token));
        await Eventually.Is(() => signal.Version == 1, "the node listens");
        return signal;
    }
}
