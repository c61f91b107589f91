using System.Reflection;
using Npgsql;
using Webhooks.Delivery.Routing;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Projections.Tests;

/// <summary>A statement that does not fit the schema is found here, not when somebody first needs it.</summary>
public sealed class StatementsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task Every_constant_statement_fits_the_migrated_schema()
    {
        var statements = new[] { typeof(WebhooksProjection).Assembly, typeof(RoutingDirectory).Assembly }
            .SelectMany(a => a.GetTypes())
            .SelectMany(t => t.GetFields(BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static))
            .Where(f => f.IsLiteral && f.FieldType == typeof(string) && f.Name.EndsWith("Sql", StringComparison.Ordinal))
            .Select(f => (string)f.GetRawConstantValue()!)
            .ToList();
        Assert.True(statements.Count > 15);

        foreach (var statement in statements.SelectMany(s => s.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Where(Plans))
        {
            await database.Execute($"prepare checked as {statement}; deallocate checked");
        }
    }

    [Fact]
    public async Task Every_list_of_webhooks_follows_an_index()
    {
        foreach (var company in new Domain.CompanyId?[] { null, Given.Company })
        {
            foreach (var sort in Enum.GetValues<WebhookSort>())
            {
                var key = sort == WebhookSort.CreatedAt ? "2026-01-01T00:00:00.0000000+00:00" : "x";
                await using var list = WebhookQueries.ListCommand(company, sort, descending: true, new WebhookCursor(key, new(Given.Id(1))), 10);
                var command = new NpgsqlBatchCommand(list.CommandText);
                foreach (var parameter in list.Parameters.Select(p => p.Clone()))
                {
                    command.Parameters.Add(parameter);
                }

                var plan = await Explain(command, "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off");
                Assert.Contains(company is null ? "Index Scan Backward using webhooks_by_" : "Index Scan Backward using webhooks_by_company_", plan);
                Assert.DoesNotContain("Sort", plan);
            }
        }
    }

    [Fact]
    public async Task A_table_in_the_making_takes_the_same_statements()
    {
        await database.Execute("create schema read_next; create table read_next.deliveries (like read.deliveries)");

        var written = await Write(new DeliveryTables("read_next"));

        Assert.Equal(1, written);
        Assert.Equal(1, await database.Scalar<long>("select count(*) from read_next.deliveries"));
        Assert.Equal(0, await database.Scalar<long>("select count(*) from read.deliveries"));
    }

    private async Task<int> Write(DeliveryTables tables)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var planned = new Domain.Messages.PlannedDelivery(new(Given.Id(11)), new(Given.Id(12)));
        return await tables.Write(connection, [Given.Stored(Given.Id(10), 1, Given.Emitted("a", planned))], default);
    }

    /// <summary>Statements that only change the schema or lock have no plan; the rebuild's tests run those.</summary>
    private static bool Plans(string statement) =>
        statement.StartsWith("select", StringComparison.Ordinal) || statement.StartsWith("insert", StringComparison.Ordinal)
            || statement.StartsWith("update", StringComparison.Ordinal) || statement.StartsWith("delete", StringComparison.Ordinal);

    private async Task<string> Explain(NpgsqlBatchCommand statement, string settings)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand(settings, connection, transaction);
        await set.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand("explain " + statement.CommandText, connection, transaction);
        explain.Parameters.AddRange(statement.Parameters.Select(p => p.Clone()).ToArray());
        await using var reader = await explain.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
