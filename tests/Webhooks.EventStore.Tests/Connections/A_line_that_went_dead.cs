using Npgsql;

namespace Webhooks.EventStore.Tests.Connections;

/// <summary>Both ends notice within half a minute that the other one is gone, so that nothing stays locked for hours.</summary>
public sealed class A_line_that_went_dead
{
    private static NpgsqlConnectionStringBuilder SettingsOf(string connectionString)
    {
        using var source = PostgresDataSource.Create(connectionString, new PostgresOptions());
        return new NpgsqlConnectionStringBuilder(source.ConnectionString);
    }

    [Fact]
    public void Both_ends_ask_whether_the_other_is_there()
    {
        var settings = SettingsOf("Host=db");
        Assert.Equal((10, 5), (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval));
        Assert.StartsWith("-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000 ", settings.Options, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_operator_says_holds()
    {
        var settings = SettingsOf("Host=db;Tcp Keepalive=true;Options=-c tcp_keepalives_idle=60");
        Assert.Equal((true, 0, 0), (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval));
        Assert.Contains(" -c tcp_keepalives_idle=60 ", settings.Options, StringComparison.Ordinal); // The later of two holds.
        Assert.Equal(120, SettingsOf("Host=db;Tcp Keepalive Time=120").TcpKeepAliveTime);
    }

    [Theory]
    [InlineData("/run/postgresql")]
    [InlineData("db,/run/postgresql")]
    [InlineData("@postgresql")]
    public void A_socket_of_this_machine_needs_none(string host) => Assert.Equal(0, SettingsOf($"Host={host}").TcpKeepAliveTime);
}
