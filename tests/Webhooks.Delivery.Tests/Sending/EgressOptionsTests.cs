using System.ComponentModel.DataAnnotations;
using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Tests.Sending;

public class EgressOptionsTests
{
    private static string Problem(EgressOptions options) =>
        Assert.Throws<ValidationException>(() => new EgressClient(options, TimeProvider.System)).Message;

    [Fact]
    public void The_defaults_hold() => new EgressClient(new EgressOptions(), TimeProvider.System).Dispose();

    [Fact]
    public void A_bad_network_is_named() =>
        Assert.StartsWith("AllowNetworks: '10.0.0.0/99' is not a network", Problem(new EgressOptions { AllowNetworks = ["10.0.0.0/99"] }), StringComparison.Ordinal);

    [Fact]
    public void What_is_read_is_at_least_what_is_kept() =>
        Assert.Contains("MaxReadResponseBytes", Problem(new EgressOptions { MaxStoredResponseBytes = 2, MaxReadResponseBytes = 1 }), StringComparison.Ordinal);

    [Fact]
    public void Bounds_are_named() =>
        Assert.Contains("MaxConnectionsPerServer", Problem(new EgressOptions { MaxConnectionsPerServer = 0 }), StringComparison.Ordinal);
}
