using Npgsql;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Projections.Catalogue;

/// <summary>Moves the catalogue's version in the transaction of every change to what emitted events are judged by.</summary>
public sealed class CatalogueVersion : IInlineProjection
{
    private const string MoveSql = "update read.catalogue_version set version = version + 1";

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ArgumentNullException.ThrowIfNull(batch);
        if (fact.Fact is EventTypeFact or CompanySettingsChanged)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(MoveSql));
        }
    }
}
