using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Embedded;

public sealed class Private_postgres
{
    [Fact]
    public async Task The_test_cluster_answers()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var command = database.DataSource.CreateCommand("select 1");
        Assert.Equal(1, await command.ExecuteScalarAsync());
    }
}
