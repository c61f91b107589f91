using Npgsql;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>An installation for one test: a database of its own with the whole schema, and what a test needs to register webhooks and read the log.</summary>
public sealed class Installation : IAsyncLifetime
{
    /// <summary>Nodes that look often, and are as patient as no machine stands still for long: who accepts and who stops is not what most tests are about.</summary>
    public static readonly DeliveryOptions Patient = new()
    {
        Lease = TimeSpan.FromSeconds(1),
        Poll = TimeSpan.FromMilliseconds(100),
        AcceptTimeout = TimeSpan.FromSeconds(60),
        Drain = TimeSpan.FromSeconds(60),
    };

    private static readonly System.Reflection.Assembly[] Schema = [typeof(PostgresEventStore).Assembly, typeof(RoutingProjection).Assembly, typeof(CompaniesProjection).Assembly];
    private TestDatabase? _database;

    public NpgsqlDataSource DataSource => _database!.DataSource;
    public string ConnectionString => _database!.ConnectionString;
    public SecretSealer Sealer { get; } = new(new byte[32]);
    public CompanyId Company { get; } = new(Guid.CreateVersion7());
    public string Secret { get; } = SigningSecret.FromRandom([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create(async (source, ct) => await new Migrator(source, Schema).Migrate(ct), Schema);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public PostgresEventStore Store(LogSignal? signal = null, NpgsqlDataSource? dataSource = null) =>
        new(dataSource ?? DataSource, [new WebhooksProjection(), new RoutingProjection(), new HealthProjection()], signal ?? new LogSignal(TimeProvider.System), TimeProvider.System);

    public async Task<WebhookId> Register(Uri url, Func<WebhookConfiguration, WebhookConfiguration>? with = null, CompanyId? company = null)
    {
        var id = new WebhookId(Guid.CreateVersion7());
        var configuration = new WebhookConfiguration("test", url.ToString(), "POST", 60_000, 3, Array.Empty<CustomHeader>(), Array.Empty<string>(), SignatureScheme.Standard, new Domain.Deliveries.FixedRetry(1));
        await Change(id, new CreateWebhook(company ?? Company, with?.Invoke(configuration) ?? configuration, new SigningKeyId(Guid.CreateVersion7()), "default", Sealer.Seal(Secret, id.ToString())), company);
        return id;
    }

    public async Task Change(WebhookId id, WebhookCommand command, CompanyId? company = null)
    {
        await using var session = await Store().OpenSession(default);
        var stream = await session.FetchForWriting<Webhook, WebhookFact>(id.Value, Webhook.Unknown, Webhook.Evolve, default);
        var decision = Webhook.Decide(stream.State, command);
        Assert.Null(decision.Refusal);
        session.Append(id.Value, stream.Version, decision.Facts, new FactMeta(company ?? Company, null, Guid.NewGuid()));
        Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
    }

    public async Task<IReadOnlyList<Fact>> Facts(Guid stream) => [.. (await Store().ReadStream(stream, 1, 1000, default)).Select(f => f.Fact)];

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
