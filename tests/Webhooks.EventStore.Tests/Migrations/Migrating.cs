using Npgsql;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Migrations;

public sealed class Migrating : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateEmpty();
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Steps_run_in_order_and_once()
    {
        Assert.Equal(["event_store", "marten_views"], await Migrate());
        Assert.Empty(await Migrate());
    }

    [Fact]
    public async Task Nodes_that_start_together_wait_for_one_another()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrate()));

        Assert.Single(taken, steps => steps.Count > 0);
    }

    [Fact]
    public async Task A_step_changed_after_it_ran_is_refused()
    {
        await Migrate();
        await Execute("update es.migrations set sha256 = 'another' where number = 1");

        var e = await Assert.ThrowsAsync<MigrationException>(Migrate);

        Assert.Equal("Migration 0001 (event_store) was changed after it ran on this database; put the file back as it was and write the change as a new migration.", e.Message);
    }

    [Fact]
    public async Task A_database_ahead_of_this_version_is_refused()
    {
        await Migrate();
        await Execute("insert into es.migrations (number, name, sha256) values (9999, 'from_the_future', '')");

        var e = await Assert.ThrowsAsync<MigrationException>(Migrate);

        Assert.Equal("The database carries migration 9999 (from_the_future), which this version does not know; start the version that wrote it, or a newer one.", e.Message);
    }

    [Fact]
    public async Task Two_steps_of_one_number_are_refused()
    {
        var migrator = new Migrator(_database.DataSource, [EmptyLog.Schema, EmptyLog.Schema]);

        await Assert.ThrowsAsync<MigrationException>(() => migrator.Migrate(default));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_and_runs_when_the_cause_is_gone()
    {
        await Execute("create schema mt");

        await Assert.ThrowsAsync<PostgresException>(Migrate);
        await Execute("drop schema mt");

        Assert.Equal(["marten_views"], await Migrate());
    }

    private Task<IReadOnlyList<string>> Migrate() => new Migrator(_database.DataSource, [EmptyLog.Schema]).Migrate(default);

    private async Task Execute(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
