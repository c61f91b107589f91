using System.Net;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Tests.Endpoints;

public class AllowedNetworksTests
{
    [Theory]
    [InlineData("")]
    [InlineData("loopback")]
    [InlineData("10/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.1.0.0/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("fd12::1/16")]
    public void What_is_no_network_is_named(string cidr)
    {
        Assert.False(AllowedNetworks.TryParse(["127.0.0.0/8", cidr], out _, out var problem));
        Assert.StartsWith($"'{cidr}' is not a network", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Space_around_an_entry_does_not_matter()
    {
        Assert.True(AllowedNetworks.TryParse([" 10.0.0.0/8 "], out var networks, out _));
        Assert.True(networks.Contain(IPAddress.Parse("10.1.2.3")));
    }

    [Fact]
    public void No_entry_allows_nothing()
    {
        Assert.True(AllowedNetworks.TryParse([], out var networks, out _));
        Assert.True(networks.IsEmpty);
        Assert.False(networks.Contain(IPAddress.Loopback));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("::1", true)]
    [InlineData("10.0.0.0/8", false)]
    public void Loopback_is_known_when_included(string cidr, bool included)
    {
        Assert.True(AllowedNetworks.TryParse([cidr], out var networks, out _));
        Assert.Equal(included, networks.IncludeLoopback);
    }
}
