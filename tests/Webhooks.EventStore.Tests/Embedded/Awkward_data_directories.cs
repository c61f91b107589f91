using static Webhooks.EventStore.Tests.Embedded.DataDirectory;

namespace Webhooks.EventStore.Tests.Embedded;

public sealed class Awkward_data_directories
{
    [Fact]
    public async Task A_path_too_long_for_a_socket_works()
    {
        await using var directory = new DataDirectory(string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 6)));
        await using (var first = await directory.Start())
        {
            await Ask(first, "create table kept as select 42 as value");
        }

        await using var second = await directory.Start();

        Assert.Equal(42, await Ask(second, "select value from kept"));
    }

    /// <summary>Under root the cluster then lies elsewhere, since the account that runs it cannot come in.</summary>
    [Fact]
    public async Task A_data_directory_below_a_folder_closed_to_others_works()
    {
        await using var directory = new DataDirectory();
        directory.ClosePathToOthers();
        await using (var first = await directory.Start())
        {
            await Ask(first, "create table kept as select 42 as value");
        }

        await using var second = await directory.Start();

        Assert.Equal(42, await Ask(second, "select value from kept"));
    }
}
