using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Projections.Catalogue;

/// <summary>What of the catalogue emitted events are judged by.</summary>
/// <param name="Types">All that can make a difference, and no others.</param>
public sealed record Enforcement(long Version, IReadOnlyList<EventType> Types, IReadOnlyDictionary<CompanyId, CatalogueEnforcement> Companies);

/// <summary>Reads what events are judged by, for nodes to keep in memory.</summary>
public sealed class EnforcementQueries(NpgsqlDataSource database)
{
    private const string VersionSql = "select version from read.catalogue_version";

    private const string CompaniesSql = "select company_id, settings from read.companies where settings is not null";

    /// <summary>Enforced types; those that stand before an enforced one of the installation; and all that a company has which enforces the catalogue.</summary>
    private const string TypesSql = """
        select t.state from read.event_types t
        where t.status <> 'deleted' and (t.enforced or t.company_id = any ($1) or t.name in (
            select i.name from read.event_types i
            where i.company_id = '00000000-0000-0000-0000-000000000000' and i.enforced and i.status <> 'deleted'))
        """;

    public Task<long> Version(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(VersionSql);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    });

    /// <summary>At least as new as the version it has, which is read first.</summary>
    public Task<Enforcement> Load(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        var version = await Version(ct);
        var companies = await Companies(ct);
        var types = await Types([.. companies.Keys], ct);
        return new Enforcement(version, types, companies);
    });

    private async Task<Dictionary<CompanyId, CatalogueEnforcement>> Companies(CancellationToken ct)
    {
        await using var command = database.CreateCommand(CompaniesSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var companies = new Dictionary<CompanyId, CatalogueEnforcement>();
        while (await reader.ReadAsync(ct))
        {
            var settings = JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(1), FactJson.Instance.CompanySettings) ?? throw new JsonException("The settings of a company are null.");
            if (settings.EventCatalogue is { } enforcement)
            {
                companies[new CompanyId(reader.GetGuid(0))] = enforcement;
            }
        }

        return companies;
    }

    /// <summary>The installation's types are every company's.</summary>
    private async Task<List<EventType>> Types(CompanyId[] companies, CancellationToken ct)
    {
        Guid[] owners = companies.Length == 0 ? [] : [CompanyId.Installation.Value, .. companies.Select(c => c.Value)];
        await using var command = database.CreateCommand(TypesSql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = owners });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var types = new List<EventType>();
        while (await reader.ReadAsync(ct))
        {
            types.Add(JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(0), FactJson.Instance.EventType) ?? throw new InvalidDataException("A row of read.event_types holds no event type."));
        }

        return types;
    }
}
