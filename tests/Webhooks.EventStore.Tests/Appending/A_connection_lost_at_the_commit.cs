using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Appending;

public sealed class A_connection_lost_at_the_commit(EmptyLog log) : IClassFixture<EmptyLog>
{
    private readonly Guid _stream = Guid.CreateVersion7();
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task After_the_server_got_it_is_found_to_be_saved()
    {
        await using var proxy = new SeveringProxy(log.ConnectionString, (server, commit) => server.SendAsync(commit).AsTask());

        Assert.IsType<SaveResult.Saved>(await AppendThrough(proxy));

        Assert.Single(await log.Read(_stream));
    }

    [Fact]
    public async Task Before_the_server_got_it_is_found_to_have_saved_nothing()
    {
        await using var proxy = new SeveringProxy(log.ConnectionString, (server, _) =>
        {
            server.Close();
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => AppendThrough(proxy));

        Assert.Empty(await log.Read(_stream));
    }

    [Fact]
    public async Task While_the_server_is_still_at_it_is_waited_for()
    {
        var landing = new TaskCompletionSource();
        await using var proxy = new SeveringProxy(log.ConnectionString, async (server, commit) =>
        {
            await landing.Task;
            await server.SendAsync(commit);
            await server.ReceiveAsync(new byte[1024]);
        });
        var saving = AppendThrough(proxy, advance: false);

        await Eventually.Is(() => _clock.Waiting > 0, "the outcome was asked for and is not known");
        landing.SetResult();
        await Decided();
        await Drive(saving);

        Assert.IsType<SaveResult.Saved>(await saving);
        Assert.Single(await log.Read(_stream));
    }

    [Fact]
    public async Task With_no_answer_to_be_had_is_said_to_be_unknown()
    {
        var held = new TaskCompletionSource();
        await using (var proxy = new SeveringProxy(log.ConnectionString, (_, _) => held.Task))
        {
            var saving = AppendThrough(proxy, advance: false);
            await Drive(saving);
            await Assert.ThrowsAsync<CommitOutcomeUnknownException>(() => saving);
            held.SetResult();
        }

        Assert.Empty(await log.Read(_stream));
    }

    private async Task<SaveResult> AppendThrough(SeveringProxy proxy, bool advance = true)
    {
        await using var source = PostgresDataSource.Create(proxy.ConnectionString, new PostgresOptions());
        await using var session = await new PostgresEventStore(source, [], log.Signal, _clock).OpenSession(default);
        session.Append(_stream, 0, [EmptyLog.Named("red")], EmptyLog.Meta);
        var saving = session.SaveChanges(default);
        if (advance)
        {
            await Eventually.Is(() => saving.IsCompleted || _clock.Waiting > 0, "the outcome was asked for");
            await Decided();
            await Drive(saving);
        }

        return await saving;
    }

    /// <summary>However slow the server is: only when it is done with the transaction does the time pass that it has for that.</summary>
    private Task Decided() => Eventually.Is(
        async () => await log.Scalar<long>("select count(*) from pg_stat_activity where datname = current_database() and backend_xid is not null") == 0,
        "the server is done with the transaction");

    /// <summary>Lets time pass whenever the code waits for it.</summary>
    private async Task Drive(Task task)
    {
        while (!task.IsCompleted)
        {
            await Eventually.Is(() => task.IsCompleted || _clock.Waiting > 0, "the commit's outcome is asked for");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
