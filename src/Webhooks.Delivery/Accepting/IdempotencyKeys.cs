using Npgsql;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Accepting;

/// <summary>Tells whether a key stands for an event already. Accepting looks for itself; this is for who has to know before.</summary>
public sealed class IdempotencyKeys(NpgsqlDataSource dataSource)
{
    private const string StandsSql = "select exists (select from delivery.idempotency_keys where company_id = $1 and key = $2)";

    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public Task<bool> Stands(CompanyId company, string key) => DatabaseFailures.Typed(async () =>
    {
        await using var command = dataSource.CreateCommand(StandsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = company.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return (bool)(await command.ExecuteScalarAsync())!;
    });
}
