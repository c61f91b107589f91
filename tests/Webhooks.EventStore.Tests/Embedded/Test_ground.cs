using Npgsql;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Embedded;

/// <summary>What every other test stands on.</summary>
public sealed class Test_ground
{
    [Fact]
    public async Task Databases_of_one_schema_are_migrated_once_and_do_not_see_each_other()
    {
        var migrated = 0;
        await using var one = await TestDatabase.Create(Migrate, typeof(Test_ground).Assembly);
        await using var other = await TestDatabase.Create(Migrate, typeof(Test_ground).Assembly);

        await Run(one, "insert into things values (1)");

        Assert.Equal(1L, await Run(one, "select count(*) from things"));
        Assert.Equal(0L, await Run(other, "select count(*) from things"));
        Assert.Equal(1, migrated);

        async Task Migrate(NpgsqlDataSource source, CancellationToken ct)
        {
            migrated++;
            await using var command = source.CreateCommand("create table things (id int)");
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    [Fact]
    public async Task A_disposed_database_is_gone()
    {
        var database = await TestDatabase.CreateEmpty();
        await database.DisposeAsync();

        await using var witness = await TestDatabase.CreateEmpty();
        Assert.Equal(0L, await Run(witness, $"select count(*) from pg_database where datname = '{database.Name}'"));
    }

    [Fact]
    public async Task The_clock_wakes_those_who_wait_in_order_and_not_before_their_time()
    {
        var clock = new FakeClock();
        var woken = new List<(string Who, TimeSpan At)>();
        await using var late = clock.CreateTimer(_ => woken.Add(("late", Passed())), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        await using var often = clock.CreateTimer(_ => woken.Add(("often", Passed())), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        var delay = Task.Delay(TimeSpan.FromSeconds(6), clock, TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromSeconds(5.5));

        Assert.Equal([("often", TimeSpan.FromSeconds(2)), ("often", TimeSpan.FromSeconds(4)), ("late", TimeSpan.FromSeconds(5))], woken);
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.5));
        await Eventually.Arrives(delay, "the delay ends");

        TimeSpan Passed() => clock.GetUtcNow() - FakeClock.Beginning;
    }

    private static async Task<object?> Run(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
