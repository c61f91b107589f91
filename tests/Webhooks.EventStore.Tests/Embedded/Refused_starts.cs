using Webhooks.EventStore.Embedded;

namespace Webhooks.EventStore.Tests.Embedded;

/// <summary>What cannot start says in one sentence why, and what to do.</summary>
public sealed class Refused_starts
{
    [Fact]
    public async Task A_second_service_on_the_same_data_directory()
    {
        await using var directory = new DataDirectory();
        await using var first = await directory.Start();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(directory.Start);

        Assert.Equal($"Another service is running on the data directory {directory.Path}: stop it first, or set Webhooks__DataDirectory to another.", refused.Message);
        Assert.Equal(1, await DataDirectory.Ask(first, "select 1"));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written()
    {
        await using var directory = new DataDirectory();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => directory.Start(directory.Options with { DataDirectory = "/proc/data" }));

        Assert.StartsWith("The data directory /proc/data cannot be written (", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("or set Webhooks__DataDirectory to another.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_for_the_binaries_that_points_nowhere()
    {
        await using var directory = new DataDirectory();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => directory.Start(directory.Options with { BinDirectory = "/nowhere" }));

        Assert.StartsWith("There is no usable PostgreSQL in /nowhere: it must hold initdb, pg_ctl, postgres of version 15 or newer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_a_version_that_is_not_installed()
    {
        await using var directory = new DataDirectory();
        Directory.CreateDirectory(directory.Cluster);
        await File.WriteAllTextAsync(Path.Combine(directory.Cluster, "PG_VERSION"), "9\n");

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(directory.Start);

        Assert.StartsWith("The database was made by PostgreSQL 9 and only ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("install PostgreSQL 9, or move the data with pg_dump or pg_upgrade.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_was_elsewhere_and_is_gone()
    {
        await using var directory = new DataDirectory();
        Directory.CreateDirectory(directory.Path);
        var pointer = Path.Combine(directory.Path, "postgres.location");
        await File.WriteAllTextAsync(pointer, "/nowhere/at-all\n");

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(directory.Start);

        Assert.Equal($"The database of {directory.Path} was at /nowhere/at-all and is not there any more: put it back, or delete {pointer} to begin with an empty one.", refused.Message);
    }

    [Fact]
    public async Task A_setting_that_PostgreSQL_does_not_know()
    {
        await using var directory = new DataDirectory();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => directory.Start(directory.Options with { Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" } }));

        Assert.StartsWith("PostgreSQL did not start: '", refused.Message, StringComparison.Ordinal);
        Assert.Contains("postgres.log", refused.Message, StringComparison.Ordinal);
    }
}
