using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Webhooks.Domain.Endpoints;

/// <summary>
/// Which addresses a webhook may reach. Everything that is not plainly a host on the public internet is refused,
/// whatever form it is written in (IANA special-purpose registries for IPv4 and IPv6).
/// </summary>
public static class AddressRules
{
    private const string LinkLocal = "link_local";
    private const string Metadata = "metadata";

    /// <summary>Cloud metadata services and the link itself: no setting opens these.</summary>
    private static readonly (IPNetwork Network, string Range)[] Never =
    [
        Row("169.254.0.0/16", LinkLocal),
        Row("100.100.100.200/32", Metadata),
        Row("168.63.129.16/32", Metadata),
        Row("192.0.0.192/32", Metadata),
        Row("fe80::/10", LinkLocal),
        Row("fd00:ec2::/32", Metadata),
        Row("fd20:ce::254/128", Metadata),
    ];

    private static readonly (IPNetwork Network, string Range)[] Special4 =
    [
        Row("0.0.0.0/8", "this_network"),
        Row("10.0.0.0/8", "private"),
        Row("100.64.0.0/10", "shared"),
        Row("127.0.0.0/8", "loopback"),
        Row("172.16.0.0/12", "private"),
        Row("192.0.0.0/24", "protocol_assignments"),
        Row("192.0.2.0/24", "documentation"),
        Row("192.88.99.0/24", "6to4_relay"),
        Row("192.168.0.0/16", "private"),
        Row("198.18.0.0/15", "benchmarking"),
        Row("198.51.100.0/24", "documentation"),
        Row("203.0.113.0/24", "documentation"),
        Row("224.0.0.0/4", "multicast"),
        Row("240.0.0.0/4", "reserved"),
    ];

    private static readonly (IPNetwork Network, string Range)[] Special6 =
    [
        Row("::/128", "unspecified"),
        Row("::1/128", "loopback"),
        Row("::/96", "ipv4_compatible"),
        Row("::ffff:0:0:0/96", "ipv4_translated"),
        Row("64:ff9b:1::/48", "local_nat64"),
        Row("::/8", "reserved"),
        Row("100::/64", "discard"),
        // The few anycast services inside that IANA lists as reachable are no webhook receivers.
        Row("2001::/23", "protocol_assignments"),
        Row("2001:db8::/32", "documentation"),
        Row("2002::/16", "6to4"),
        Row("3fff::/20", "documentation"),
        Row("5f00::/16", "segment_routing"),
        Row("fc00::/7", "private"),
        Row("fec0::/10", "site_local"),
        Row("ff00::/8", "multicast"),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Null when webhooks may be sent there; else the short name of the range that forbids it.</summary>
    public static string? Judge(IPAddress address) => Judge(address, AllowedNetworks.None);

    /// <inheritdoc cref="Judge(IPAddress)"/>
    public static string? Judge(IPAddress address, AllowedNetworks allowed)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(allowed);
        var plain = Unwrap(address);
        if (Find(Never, plain) is { } never)
        {
            return never;
        }

        // A tunnel to the link is the link, whichever network the tunnel's own address was allowed with.
        if (Embedded(plain) is { } inner && Find(Never, inner) is { } hidden)
        {
            return hidden;
        }

        return allowed.Contain(plain) ? null : plain.AddressFamily == AddressFamily.InterNetwork ? Find(Special4, plain) : JudgeV6(plain);
    }

    private static string? JudgeV6(IPAddress address) =>
        address.ScopeId != 0 ? "zone_id"
        : Find(Special6, address) is { } special ? special
        : !GlobalUnicast.Contains(address) ? "unassigned"
        : IsIsatap(Bytes(address)) ? "isatap"
        : null;

    /// <summary>A mapped address and one behind the well-known NAT64 prefix are their IPv4 addresses: that is where packets go.</summary>
    private static IPAddress Unwrap(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : Nat64.Contains(address) ? new IPAddress(Bytes(address)[12..])
        : address;

    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        var bytes = Bytes(address);
        return Find(Special6, address) switch
        {
            "6to4" => new IPAddress(bytes[2..6]),
            "ipv4_compatible" or "ipv4_translated" or "local_nat64" => new IPAddress(bytes[12..]),
            _ => IsIsatap(bytes) ? new IPAddress(bytes[12..]) : null,
        };
    }

    private static bool IsIsatap(ReadOnlySpan<byte> bytes) => (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) & 0xFDFF_FFFF) == 0x0000_5EFE;

    private static byte[] Bytes(IPAddress address) => address.GetAddressBytes();

    private static string? Find((IPNetwork Network, string Range)[] table, IPAddress address)
    {
        foreach (var (network, range) in table)
        {
            if (network.Contains(address))
            {
                return range;
            }
        }

        return null;
    }

    private static (IPNetwork Network, string Range) Row(string cidr, string range) => (IPNetwork.Parse(cidr), range);
}
