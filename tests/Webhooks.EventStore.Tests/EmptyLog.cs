using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests;

/// <summary>A database of its own with the store's schema and no facts.</summary>
public sealed class EmptyLog : IAsyncLifetime
{
    public static readonly Assembly Schema = typeof(PostgresEventStore).Assembly;
    public static readonly FactMeta Meta = new(new CompanyId(Guid.CreateVersion7()), new ApiKeyId(Guid.CreateVersion7()), Guid.CreateVersion7());

    private TestDatabase _database = null!;

    public NpgsqlDataSource DataSource => _database.DataSource;
    public string ConnectionString => _database.ConnectionString;
    public LogSignal Signal { get; } = new(TimeProvider.System);
    public PostgresEventStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create((source, ct) => new Migrator(source, [Schema]).Migrate(ct), Schema);
        Store = StoreWith();
        await Execute("create table colours (name text constraint colours_unique unique, seen_at timestamptz)");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public PostgresEventStore StoreWith(params IInlineProjection[] inline) => new(DataSource, inline, Signal, TimeProvider.System);

    public SubscriptionRunner Runner(ISubscription subscription, SubscriptionOptions? options = null) =>
        new(subscription, DataSource, Signal, TimeProvider.System, NullLogger<SubscriptionRunner>.Instance, options ?? new SubscriptionOptions());

    public static Fact Named(string name) => new CompanyRegistered(name, name);
    public static string NameOf(StoredFact fact) => ((CompanyRegistered)fact.Fact).Name;

    /// <summary>Starts a stream with a fact for each name.</summary>
    public async Task<Guid> Append(params string[] names)
    {
        var stream = Guid.CreateVersion7();
        Assert.IsType<SaveResult.Saved>(await Append(stream, 0, names));
        return stream;
    }

    public async Task<SaveResult> Append(Guid stream, int expectedVersion, params string[] names)
    {
        await using var session = await Store.OpenSession(default);
        session.Append(stream, expectedVersion, [.. names.Select(Named)], Meta);
        return await session.SaveChanges(default);
    }

    public Task<IReadOnlyList<StoredFact>> Read(Guid stream) => Store.ReadStream(stream, 1, int.MaxValue, default);

    /// <summary>Reads the log when so many facts have come out from behind the fence: other databases of the cluster hold it back too.</summary>
    public async Task<IReadOnlyList<StoredFact>> ReadLog(int count)
    {
        IReadOnlyList<StoredFact> log = [];
        await Eventually.Is(async () => (log = await Store.ReadLog(LogPosition.Start, int.MaxValue, default)).Count >= count, $"the log shows {count} facts");
        return log;
    }

    public async Task Execute(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
