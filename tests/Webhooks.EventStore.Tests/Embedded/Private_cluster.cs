using System.Diagnostics;
using Webhooks.Testing;
using static Webhooks.EventStore.Tests.Embedded.DataDirectory;

namespace Webhooks.EventStore.Tests.Embedded;

public sealed class Private_cluster
{
    [Fact]
    public async Task What_was_stored_is_there_after_a_stop_and_a_start()
    {
        await using var directory = new DataDirectory();
        await using (var first = await directory.Start(directory.Options with { Durable = true }))
        {
            await Ask(first, "create table kept as select 42 as value");
            Assert.Equal("on", await Ask(first, "show fsync"));
            Assert.Equal("", await Ask(first, "show listen_addresses"));
        }

        await using var second = await directory.Start();

        Assert.Equal(42, await Ask(second, "select value from kept"));
    }

    [Fact]
    public async Task A_server_that_was_killed_recovers_at_the_next_start()
    {
        await using var directory = new DataDirectory();
        await using (var first = await directory.Start(directory.Options with { Durable = true }))
        {
            await Ask(first, "create table kept as select 42 as value");
            using var postmaster = Process.GetProcessById(directory.PostmasterPid);
            postmaster.Kill();
            await Eventually.Is(() => !Directory.Exists($"/proc/{postmaster.Id}"), "the killed server is gone");
        }

        await using var second = await directory.Start();

        Assert.Equal(42, await Ask(second, "select value from kept"));
    }

    [Fact]
    public async Task A_pid_file_that_names_another_living_program_does_not_hinder_a_start_nor_harm_the_program()
    {
        await using var directory = new DataDirectory();
        await (await directory.Start()).DisposeAsync();
        using var bystander = Process.Start("sleep", "600");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.Cluster, "postmaster.pid"), $"{bystander.Id}\n{directory.Cluster}\n");

            await using (var again = await directory.Start())
            {
                Assert.Equal(1, await Ask(again, "select 1"));
            }

            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task A_start_that_was_cut_off_while_making_the_cluster_is_begun_anew()
    {
        await using var directory = new DataDirectory();
        Directory.CreateDirectory(Path.Combine(directory.Home, "cluster.unfinished", "base"));

        await using var postgres = await directory.Start();

        Assert.Equal(1, await Ask(postgres, "select 1"));
    }

    [Fact]
    public async Task Stopping_cuts_open_connections_off_and_twice_is_once()
    {
        await using var directory = new DataDirectory();
        var postgres = await directory.Start();
        await using var connection = new Npgsql.NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await postgres.StopAsync(CancellationToken.None);
        await postgres.StopAsync(CancellationToken.None);

        Assert.False(directory.HasServer);
    }
}
