using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Projections.Companies;

public sealed record CompanyRow(CompanyId Company, string Code, string Name, int Version, DateTimeOffset CreatedAt)
{
    public CompanySettings Settings { get; init; } = CompanySettings.None;
}

/// <summary>Reads companies.</summary>
public sealed class CompanyQueries(NpgsqlDataSource dataSource)
{
    private const string Columns = "company_id, code, name, version, created_at, settings";
    private const string ByIdSql = $"select {Columns} from read.companies where company_id = $1";
    private const string ByCodeSql = $"select {Columns} from read.companies where code = $1";
    private const string ListByCodeSql = $"select {Columns} from read.companies where ($1::text is null or code > $1) order by code limit $2";
    private const string ListByCodeDescendingSql = $"select {Columns} from read.companies where ($1::text is null or code < $1) order by code desc limit $2";

    public Task<CompanyRow?> Find(CompanyId company, CancellationToken ct) => FindOne(ByIdSql, new NpgsqlParameter<Guid> { TypedValue = company.Value }, ct);

    public Task<CompanyRow?> FindByCode(string code, CancellationToken ct) => FindOne(ByCodeSql, new NpgsqlParameter<string> { TypedValue = code }, ct);

    /// <param name="afterCode">The last code of the page before; null for the first page.</param>
    public Task<IReadOnlyList<CompanyRow>> List(string? afterCode, bool descending, int limit, CancellationToken ct) =>
        Read(descending ? ListByCodeDescendingSql : ListByCodeSql, [new NpgsqlParameter<string?> { TypedValue = afterCode }, new NpgsqlParameter<int> { TypedValue = limit }], ct);

    private async Task<CompanyRow?> FindOne(string sql, NpgsqlParameter parameter, CancellationToken ct) => await Read(sql, [parameter], ct) is [var row] ? row : null;

    private Task<IReadOnlyList<CompanyRow>> Read(string sql, NpgsqlParameter[] parameters, CancellationToken ct) => DatabaseFailures.Typed<IReadOnlyList<CompanyRow>>(async () =>
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<CompanyRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(RowAt(reader));
        }

        return rows;
    });

    /// <summary>The row is in memory: nothing blocks.</summary>
    private static CompanyRow RowAt(NpgsqlDataReader reader) =>
        new(new CompanyId(reader.GetGuid(0)), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetFieldValue<DateTimeOffset>(4))
        {
            Settings = reader.IsDBNull(5) ? CompanySettings.None : SettingsOf(reader.GetFieldValue<byte[]>(5)),
        };

    private static CompanySettings SettingsOf(byte[] json) =>
        JsonSerializer.Deserialize(json, FactJson.Instance.CompanySettings) ?? throw new JsonException("The settings of a company are null.");
}
