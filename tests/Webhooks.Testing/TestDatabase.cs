using System.Reflection;
using System.Security.Cryptography;
using Npgsql;

namespace Webhooks.Testing;

/// <summary>
/// An empty, migrated database for one test class: the migrations run once into a template, and each database is a clone of it (~50 ms).
/// Dropped when disposed, whoever is still connected.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _cluster;

    private TestDatabase(string cluster, string name)
    {
        _cluster = cluster;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(cluster) { Database = name, Pooling = true, MaxPoolSize = 30 }.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public string Name { get; }
    public string ConnectionString { get; }
    public NpgsqlDataSource DataSource { get; }

    /// <param name="migrate">Brings an empty database to the schema under test.</param>
    /// <param name="migrations">The assemblies whose embedded <c>.sql</c> files the schema comes from: they tell templates apart.</param>
    public static async Task<TestDatabase> Create(Func<NpgsqlDataSource, CancellationToken, Task> migrate, params Assembly[] migrations)
    {
        var cluster = await TestCluster.ConnectionString();
        var template = $"template_{await Fingerprint(migrations)}";
        await EnsureTemplate(cluster, template, migrate);
        return await Clone(cluster, template);
    }

    /// <summary>A database without any schema.</summary>
    public static async Task<TestDatabase> CreateEmpty() => await Clone(await TestCluster.ConnectionString(), "template0");

    private static async Task<TestDatabase> Clone(string cluster, string template)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = await Connect(cluster);
        await Execute(connection, $"create database {name} template {template}");
        return new TestDatabase(cluster, name);
    }

    /// <summary>Under a lock, since test classes and processes share a cluster; renamed into place when whole.</summary>
    private static async Task EnsureTemplate(string cluster, string template, Func<NpgsqlDataSource, CancellationToken, Task> migrate)
    {
        await using var connection = await Connect(cluster);
        await Execute(connection, $"select pg_advisory_lock(hashtext('{template}'))");
        await using var exists = new NpgsqlCommand("select true from pg_database where datname = $1", connection) { Parameters = { new() { Value = template } } };
        if (await exists.ExecuteScalarAsync() is not null)
        {
            return;
        }

        var unfinished = template + "_unfinished";
        await Execute(connection, $"drop database if exists {unfinished} with (force)");
        await Execute(connection, $"create database {unfinished}");
        await using (var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster) { Database = unfinished, Pooling = true }.ConnectionString))
        {
            await migrate(source, CancellationToken.None);
        }

        await Execute(connection, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{unfinished}'");
        await Eventually.Is(
            async () => await Scalar<long>(connection, $"select count(*) from pg_stat_activity where datname = '{unfinished}'") == 0,
            "nobody is connected to the new template");
        await Execute(connection, $"alter database {unfinished} rename to {template}");
    }

    private static async Task<string> Fingerprint(Assembly[] assemblies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var assembly in assemblies)
        {
            foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                using var content = new MemoryStream();
                await using var resource = assembly.GetManifestResourceStream(name)!;
                await resource.CopyToAsync(content);
                hash.AppendData(content.ToArray());
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>Databases are made and dropped as fast as the disk takes a checkpoint, and templates while others wait: for as long as that takes.</summary>
    private static async Task<NpgsqlConnection> Connect(string cluster)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(cluster) { Timeout = 120, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await using var connection = await Connect(_cluster);
        await Execute(connection, $"drop database if exists {Name} with (force)");
    }
}
