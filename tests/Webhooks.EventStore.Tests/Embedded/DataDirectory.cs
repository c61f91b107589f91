using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.EventStore.Embedded;
using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Embedded;

/// <summary>A data directory of one test, and the clusters that it started there.</summary>
public sealed class DataDirectory : IAsyncDisposable
{
    private readonly string _root = TemporaryFolder.Create();
    private readonly List<EmbeddedPostgres> _started = [];

    public DataDirectory(string below = "data") => Path = System.IO.Path.Combine(_root, below);

    public string Path { get; }

    public EmbeddedPostgresOptions Options => new() { DataDirectory = Path, Durable = false };

    /// <summary>Where the cluster lies, through the pointer where there is one.</summary>
    public string Home
    {
        get
        {
            var pointer = System.IO.Path.Combine(Path, "postgres.location");
            return File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : System.IO.Path.Combine(Path, "postgres");
        }
    }

    public string Cluster => System.IO.Path.Combine(Home, "cluster");

    public int PostmasterPid => int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture);

    /// <summary>Its pid file is the last thing that a server removes.</summary>
    public bool HasServer => File.Exists(PidFile);

    private string PidFile => System.IO.Path.Combine(Cluster, "postmaster.pid");

    public Task<EmbeddedPostgres> Start() => Start(Options);

    public async Task<EmbeddedPostgres> Start(EmbeddedPostgresOptions options)
    {
        var postgres = await EmbeddedPostgres.Start(options, NullLogger.Instance, TestContext.Current.CancellationToken);
        _started.Add(postgres);
        return postgres;
    }

    public static async Task<object?> Ask(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public void ClosePathToOthers() => File.SetUnixFileMode(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public async ValueTask DisposeAsync()
    {
        foreach (var postgres in _started)
        {
            await postgres.DisposeAsync();
        }

        if (Directory.Exists(Home))
        {
            Directory.Delete(Home, recursive: true);
        }

        Directory.Delete(_root, recursive: true);
    }
}
