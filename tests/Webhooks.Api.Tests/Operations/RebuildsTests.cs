using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Api.Operations;
using Webhooks.EventStore;
using Webhooks.Projections.Rebuilding;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Operations;

/// <summary>Whether a rebuild has begun is for the database to say, however long it takes over it.</summary>
public sealed class RebuildsTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task However_late_it_turns_out_that_another_is_under_way_it_is_refused()
    {
        await using var other = await service.Database.DataSource.OpenConnectionAsync();
        await Execute(other, "select pg_advisory_lock(hashtextextended('read.rebuild', 0))");
        await using var single = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(service.Database.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        var clock = new FakeClock();
        using var rebuilds = Of(single, clock);
        Task<bool> begun;
        await using (await single.OpenConnectionAsync())
        {
            begun = rebuilds.Start(RebuildParts.Deliveries);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.False(await begun);
        Assert.Null(rebuilds.Last(RebuildParts.Deliveries));
        await Execute(other, "select pg_advisory_unlock(hashtextextended('read.rebuild', 0))");
    }

    [Fact]
    public async Task One_that_has_begun_is_told_of_before_it_has_come_anywhere()
    {
        await using var connection = await service.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Execute(connection, "lock table es.events in access exclusive mode");
        using var rebuilds = Of(service.Database.DataSource, TimeProvider.System);

        Assert.True(await Eventually.Arrives(rebuilds.Start(RebuildParts.Deliveries), "the rebuild has begun"));
        Assert.Equal(RebuildState.Running, rebuilds.Last(RebuildParts.Deliveries)!.State);

        await transaction.RollbackAsync();
        await Eventually.Is(() => rebuilds.Last(RebuildParts.Deliveries)!.State == RebuildState.Done, "the rebuild is done");
    }

    private static Rebuilds Of(NpgsqlDataSource database, TimeProvider time) =>
        new(new Rebuild(database, new LogSignal(time), time, NullLogger<SubscriptionRunner>.Instance), time, NullLogger<Rebuilds>.Instance);

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
