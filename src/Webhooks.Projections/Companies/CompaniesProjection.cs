using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Projections.Companies;

/// <summary>Companies and API keys, in the transaction of their facts: a key works as soon as its issue was answered.</summary>
public sealed class CompaniesProjection : IInlineProjection
{
    private const string RegisterSql = """
        insert into read.companies (company_id, code, name, version, created_at) values ($1, $2, $3, $4, $5)
        """;

    /// <summary>The installation's own stream has no row: nothing is updated then.</summary>
    private const string AdvanceSql = "update read.companies set version = $2 where company_id = $1";

    private const string IssueSql = """
        insert into read.api_keys (key_id, company_id, label, scopes, secret_hash, shared_secret, created_at) values ($1, $2, $3, $4, $5, $6, $7)
        """;

    private const string RevokeSql = "update read.api_keys set revoked_at = $2 where key_id = $1";

    private const string SettingsSql = "update read.companies set version = $2, settings = $3 where company_id = $1";

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ArgumentNullException.ThrowIfNull(batch);
        switch (fact.Fact)
        {
            case CompanyRegistered f:
                Add(batch, RegisterSql, Value(fact.StreamId), Value(f.Code), Value(f.Name), Value(fact.Version), Value(fact.RecordedAt));
                break;
            case ApiKeyIssued f:
                Add(batch, IssueSql, Value(f.Key.Value), Value(fact.StreamId), Value(f.Label), Value((int)f.Scopes), Value(f.SecretHash), Value(f.SharedSecret?.Value), Value(fact.RecordedAt));
                Add(batch, AdvanceSql, Value(fact.StreamId), Value(fact.Version));
                break;
            case CompanySettingsChanged f:
                Add(batch, SettingsSql, Value(fact.StreamId), Value(fact.Version), Value(f.Settings == CompanySettings.None ? null : JsonSerializer.SerializeToUtf8Bytes(f.Settings, FactJson.Instance.CompanySettings)));
                break;
            case ApiKeyRevoked f:
                Add(batch, RevokeSql, Value(f.Key.Value), Value(fact.RecordedAt));
                Add(batch, AdvanceSql, Value(fact.StreamId), Value(fact.Version));
                break;
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
