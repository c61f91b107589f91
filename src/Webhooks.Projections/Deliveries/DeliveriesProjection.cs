using Npgsql;
using Webhooks.EventStore;

namespace Webhooks.Projections.Deliveries;

/// <summary>Deliveries as people list them, a moment behind the log.</summary>
public sealed class DeliveriesProjection : ISubscription
{
    public const string ProjectionName = "deliveries";

    private readonly DeliveryTables _tables;

    public DeliveriesProjection()
        : this(ProjectionName, DeliveryTables.Live)
    {
    }

    internal DeliveriesProjection(string name, DeliveryTables tables) => (Name, _tables) = (name, tables);

    public string Name { get; }

    /// <summary>Since this object was made; written again counts again.</summary>
    public long RowsWritten { get; private set; }

    public async Task Process(IReadOnlyList<StoredFact> page, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct) =>
        RowsWritten += await _tables.Write(connection, page, ct);
}
