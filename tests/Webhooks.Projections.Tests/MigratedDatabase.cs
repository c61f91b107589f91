using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.EventStore;
using Webhooks.Projections.Catalogue;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;
using Webhooks.Projections.Rebuilding;
using Webhooks.Testing;

namespace Webhooks.Projections.Tests;

/// <summary>A database of a test class's own, with the store and the projections on it.</summary>
public sealed class MigratedDatabase : IAsyncLifetime
{
    private static readonly Assembly[] Schemas = [typeof(PostgresEventStore).Assembly, typeof(WebhooksProjection).Assembly, typeof(RoutingProjection).Assembly];
    private static readonly IInlineProjection[] Inline = [new CompaniesProjection(), new WebhooksProjection(), new RoutingProjection(), new HealthProjection(), new EventTypesProjection(), new CatalogueVersion()];

    private readonly LogSignal _signal = new(TimeProvider.System);
    private TestDatabase? _database;

    public NpgsqlDataSource DataSource => _database!.DataSource;
    public PostgresEventStore Store => new(DataSource, Inline, _signal, TimeProvider.System);
    public Rebuild Rebuild => new(DataSource, _signal, TimeProvider.System, NullLogger<SubscriptionRunner>.Instance);

    public async ValueTask InitializeAsync() =>
        _database = await TestDatabase.Create(async (source, ct) => await new Migrator(source, Schemas).Migrate(ct), Schemas);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    public async Task<SaveResult> Append(Guid stream, int expectedVersion, FactMeta meta, params Fact[] facts)
    {
        await using var session = await Store.OpenSession(default);
        session.Append(stream, expectedVersion, facts, meta);
        return await session.SaveChanges(default);
    }

    /// <summary>Follows the log to its end. Transactions of other test classes hold the end back, so it is known by its fact.</summary>
    public async Task Project(int pageSize = 1000)
    {
        var last = await Scalar<long?>("select max(seq) from es.events");
        var runner = Runner(pageSize);
        await Eventually.Is(
            async () => (last ?? 0) == 0 || (await runner.RunOnceAsync(default)).Position.Seq == last,
            "the projection reaches the last fact");
    }

    public SubscriptionRunner Runner(int pageSize) => new(
        new DeliveriesProjection(), DataSource, _signal, TimeProvider.System, NullLogger<SubscriptionRunner>.Instance, new SubscriptionOptions { PageSize = pageSize });

    /// <summary>A table as text, ordered by its first column.</summary>
    public Task<string> Text(string table, string columns = "*") =>
        Scalar<string>($"select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from (select {columns} from {table}) t");

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        var value = await command.ExecuteScalarAsync();
        return value is null or DBNull ? default! : (T)value;
    }

    /// <summary>Without a time-out: filling tables takes as long as it takes.</summary>
    public async Task Execute(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
