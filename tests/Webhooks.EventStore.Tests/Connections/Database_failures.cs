using Npgsql;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Connections;

public sealed class Database_failures(EmptyLog log) : IClassFixture<EmptyLog>
{
    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P02", true)]
    [InlineData("57P03", true)]
    [InlineData("57P05", true)]
    [InlineData("53100", true)]
    [InlineData("53200", true)]
    [InlineData("53300", true)]
    [InlineData("53400", true)]
    [InlineData("58030", true)]
    [InlineData("25006", true)]
    [InlineData("08000", true)]
    [InlineData("08006", true)]
    [InlineData("23505", false)]
    [InlineData("22021", false)]
    [InlineData("25001", false)]
    [InlineData("54000", false)]
    [InlineData("57014", false)]
    [InlineData("28P01", false)]
    [InlineData("3D000", false)]
    public void Are_told_apart_by_their_code(string sqlState, bool unavailable) =>
        Assert.Equal(unavailable, DatabaseFailures.IsUnavailable(new PostgresException("any text", "ERROR", "ERROR", sqlState)));

    [Fact]
    public async Task A_refused_connection_is_an_unavailable_database()
    {
        using var closed = new ClosedPort();
        await using var source = PostgresDataSource.Create($"Host=127.0.0.1;Port={closed.Port};Username=nobody;Database=nothing", new PostgresOptions());
        var store = new PostgresEventStore(source, [], log.Signal, TimeProvider.System);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => store.OpenSession(default));
        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => store.ReadLog(LogPosition.Start, 1, default));
        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => new Migrator(source, []).Migrate(default));
    }

    [Fact]
    public async Task An_exhausted_pool_is_an_unavailable_database()
    {
        // So long, since connecting has no longer either.
        await using var source = PostgresDataSource.Create($"{log.ConnectionString};Timeout=10", new PostgresOptions { MaxPoolSize = 1 });
        var store = new PostgresEventStore(source, [], log.Signal, TimeProvider.System);
        await using var only = await store.OpenSession(default);

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => store.OpenSession(default));
    }

    [Fact]
    public async Task A_transaction_that_idles_is_ended_by_the_server()
    {
        await using var source = PostgresDataSource.Create(log.ConnectionString, new PostgresOptions { IdleInTransactionTimeout = TimeSpan.FromMilliseconds(50) });
        await using var idle = await OpenAppend.Begin(source, null);

        await Eventually.Is(
            async () => await log.Scalar<long>("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'") == 0,
            "the transaction is ended");
    }

    [Fact]
    public async Task A_data_source_names_the_service()
    {
        await using var source = PostgresDataSource.Create(log.ConnectionString, new PostgresOptions { ApplicationName = "webhooks-test" });
        await using var command = source.CreateCommand("select current_setting('application_name') || ' ' || current_setting('idle_in_transaction_session_timeout')");

        Assert.Equal("webhooks-test 30s", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_clock_is_read_from_the_database()
    {
        var clock = new DatabaseClock(TimeProvider.System);
        var before = await Now();

        await clock.Synchronize(log.DataSource, default);

        Assert.InRange(clock.Now, before, await Now());
    }

    private async Task<DateTimeOffset> Now() => new(await log.Scalar<DateTime>("select clock_timestamp()"));
}
