using System.Reflection;
using Npgsql;

namespace Webhooks.EventStore.Tests.Reading;

public sealed class Statements(EmptyLog log) : IClassFixture<EmptyLog>
{
    public static TheoryData<string> Preparable => [.. Sql().Where(s => s.Sql.StartsWith("select", StringComparison.Ordinal) || s.Sql.StartsWith("insert", StringComparison.Ordinal) || s.Sql.StartsWith("delete", StringComparison.Ordinal)).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Preparable))]
    public async Task Every_statement_fits_the_schema(string name)
    {
        var sql = Sql().Single(s => s.Name == name).Sql;
        await using var connection = await log.DataSource.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"prepare statement as {sql}", connection);

        await command.ExecuteNonQueryAsync();

        await using var forget = new NpgsqlCommand("deallocate statement", connection);
        await forget.ExecuteNonQueryAsync();
    }

    /// <summary>These can't be prepared; the tests of the listener, the migrator and the rebuild run them.</summary>
    [Fact]
    public void No_statement_escapes_the_check() =>
        Assert.Equal(["LogListener.ListenSql", "Migrator.CreateTableSql", "StreamScan.CloseSql", "StreamScan.DeclareSql"], Sql().Select(s => s.Name).Except(Preparable.Select(row => row.Data)).Order());

    [Theory]
    [InlineData("LogReader.LogSql", "'5', 5, 1000", "events_commit_order")]
    [InlineData("LogReader.StreamSql", "'00000000-0000-0000-0000-000000000001', 1, 2147483647", "events_one_per_version")]
    [InlineData("Progress.HeadSql", "", "events_commit_order")]
    [InlineData("CatchingUp.LastCommittedSql", "", "events_commit_order")]
    [InlineData("Progress.OldestSql", "'5', 5", "events_commit_order")]
    [InlineData("CommitInquiry.RowsSql", "'{00000000-0000-0000-0000-000000000001}', '{1}', '{00000000-0000-0000-0000-000000000001}'", "events_one_per_version")]
    public async Task A_filled_log_is_read_by_its_index_before_it_was_ever_analysed(string name, string arguments, string index)
    {
        await log.Execute("""
            insert into es.events (stream_id, version, type, company_id, correlation, data)
            select gen_random_uuid(), 1, 'company.registered.v1', gen_random_uuid(), gen_random_uuid(), '{}' from generate_series(1, 20000)
            """);
        await using var connection = await log.DataSource.OpenConnectionAsync();
        await using var prepare = new NpgsqlCommand($"prepare statement as {Sql().Single(s => s.Name == name).Sql}", connection);
        await prepare.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand($"explain execute statement{(arguments.Length == 0 ? "" : $"({arguments})")}", connection);

        var plan = new List<string>();
        await using (var reader = await explain.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                plan.Add(reader.GetString(0));
            }
        }

        await using var forget = new NpgsqlCommand("deallocate statement", connection);
        await forget.ExecuteNonQueryAsync();
        Assert.Contains(plan, line => line.Contains(index, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Name, string Sql)> Sql() =>
        from type in EmptyLog.Schema.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
        where field.IsLiteral && field.FieldType == typeof(string) && field.Name.EndsWith("Sql", StringComparison.Ordinal)
        select ($"{type.Name}.{field.Name}", (string)field.GetRawConstantValue()!);
}
