using System.Reflection;
using Npgsql;
using Webhooks.Delivery.Sending;
using Webhooks.EventStore;
using Webhooks.EventStore.Embedded;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Hosting;

/// <summary>The PostgreSQL of this node, migrated: the one of the connection string, or a private cluster that lives and ends with the service.</summary>
public sealed class Database : IAsyncDisposable
{
    public const string ConnectionName = "Postgres";

    private readonly EmbeddedPostgres? _embedded;

    private Database(NpgsqlDataSource source, EmbeddedPostgres? embedded) => (Source, _embedded) = (source, embedded);

    public NpgsqlDataSource Source { get; }

    /// <summary>Until cancelled; nothing to do where the database is not this service's own.</summary>
    public Task Supervise(TimeProvider time, ILogger logger, CancellationToken ct) => _embedded?.Supervise(time, logger, ct) ?? Task.CompletedTask;

    public bool IsEmbedded => _embedded is not null;

    /// <summary>The assemblies that carry the schema, each its own part.</summary>
    public static IReadOnlyList<Assembly> SchemaAssemblies { get; } =
        [typeof(PostgresEventStore).Assembly, typeof(EgressOptions).Assembly, typeof(CompanyQueries).Assembly];

    /// <exception cref="StartupException">The connection string is no such, or leads nowhere.</exception>
    public static async Task<Database> Open(WebhooksOptions options, string? connectionString, ILogger logger, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var embedded = string.IsNullOrWhiteSpace(connectionString)
            ? await EmbeddedPostgres.Start(new EmbeddedPostgresOptions { DataDirectory = options.DataDirectory, BinDirectory = options.PostgresBinDirectory }, logger, ct)
            : null;
        try
        {
            var source = Connect(embedded?.ConnectionString ?? connectionString!, options);
            var database = new Database(source, embedded);
            await new Migrator(source, SchemaAssemblies).Migrate(ct);
            return database;
        }
        catch
        {
            if (embedded is not null)
            {
                await embedded.DisposeAsync();
            }

            throw;
        }
    }

    private static NpgsqlDataSource Connect(string connectionString, WebhooksOptions options)
    {
        try
        {
            return PostgresDataSource.Create(connectionString, new PostgresOptions { MaxPoolSize = options.MaxConnections });
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The message may quote the string, and with it a password.
            throw new StartupException($"ConnectionStrings__{ConnectionName} is no connection string; it looks like 'Host=localhost;Username=webhooks;Password=…;Database=webhooks'.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }
}
