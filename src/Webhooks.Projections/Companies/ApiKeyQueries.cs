using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Projections.Companies;

/// <param name="SecretHash">SHA-256 of the secret; null where it is a shared one.</param>
/// <param name="SharedSecret">Sealed for the key's sid.</param>
/// <param name="RevokedAt">Null while the key works.</param>
public sealed record ApiKeyRow(ApiKeyId Key, CompanyId Company, string Label, Scopes Scopes, byte[]? SecretHash, SealedSecret? SharedSecret, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    public ApiKeyKind Kind => SharedSecret is null ? ApiKeyKind.Hashed : ApiKeyKind.SharedSecret;
}

/// <summary>Reads API keys: for authentication, and for those who manage them.</summary>
public sealed class ApiKeyQueries(NpgsqlDataSource dataSource)
{
    private const string Columns = "key_id, company_id, label, scopes, secret_hash, shared_secret, created_at, revoked_at";
    private const string ByIdSql = $"select {Columns} from read.api_keys where key_id = $1";

    private const string AnySharedSql = $"select {Columns} from read.api_keys where shared_secret is not null limit 1";

    private const string SharedSql = $"select {Columns} from read.api_keys where company_id = $1 and shared_secret is not null and revoked_at is null";

    private const string ListSql = $"""
        select {Columns} from read.api_keys
        where company_id = $1 and key_id > $2 and revoked_at is null order by key_id limit $3
        """;

    private const string ListDescendingSql = $"""
        select {Columns} from read.api_keys
        where company_id = $1 and key_id < $2 and revoked_at is null order by key_id desc limit $3
        """;

    /// <summary>Also a revoked key.</summary>
    public async Task<ApiKeyRow?> Find(ApiKeyId key, CancellationToken ct) =>
        await Read(ByIdSql, [new NpgsqlParameter<Guid> { TypedValue = key.Value }], ct) is [var row] ? row : null;

    /// <summary>Some key with a shared secret, to see whether it opens; null where there is none.</summary>
    public async Task<ApiKeyRow?> AnyShared(CancellationToken ct) => await Read(AnySharedSql, [], ct) is [var row] ? row : null;

    /// <summary>Keys of the company that work and have a shared secret.</summary>
    public Task<IReadOnlyList<ApiKeyRow>> Shared(CompanyId company, CancellationToken ct) =>
        Read(SharedSql, [new NpgsqlParameter<Guid> { TypedValue = company.Value }], ct);

    /// <summary>Keys that work, by sid: the order in which they were issued.</summary>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    public Task<IReadOnlyList<ApiKeyRow>> List(CompanyId company, ApiKeyId? after, bool descending, int limit, CancellationToken ct) => Read(
        descending ? ListDescendingSql : ListSql,
        [
            new NpgsqlParameter<Guid> { TypedValue = company.Value },
            new NpgsqlParameter<Guid> { TypedValue = after?.Value ?? (descending ? Guid.AllBitsSet : Guid.Empty) },
            new NpgsqlParameter<int> { TypedValue = limit },
        ],
        ct);

    private Task<IReadOnlyList<ApiKeyRow>> Read(string sql, NpgsqlParameter[] parameters, CancellationToken ct) => DatabaseFailures.Typed<IReadOnlyList<ApiKeyRow>>(async () =>
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<ApiKeyRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(RowAt(reader));
        }

        return rows;
    });

    /// <summary>The row is in memory: nothing blocks.</summary>
    private static ApiKeyRow RowAt(NpgsqlDataReader reader) => new(
        new ApiKeyId(reader.GetGuid(0)),
        new CompanyId(reader.GetGuid(1)),
        reader.GetString(2),
        (Scopes)reader.GetInt32(3),
        reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4),
        reader.IsDBNull(5) ? null : new SealedSecret(reader.GetString(5)),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
}
