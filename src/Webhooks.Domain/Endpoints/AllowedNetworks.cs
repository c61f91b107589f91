using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Webhooks.Domain.Endpoints;

/// <summary>Networks that the operator exempts from <see cref="AddressRules"/>: receivers on premises, loopback in tests.</summary>
public sealed class AllowedNetworks
{
    private readonly IPNetwork[] _networks;

    private AllowedNetworks(IPNetwork[] networks) => _networks = networks;

    public static readonly AllowedNetworks None = new([]);

    public bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether a name of this very machine may be registered.</summary>
    public bool IncludeLoopback => Contain(IPAddress.Loopback) || Contain(IPAddress.IPv6Loopback);

    /// <summary>An IPv4 address mapped into IPv6 is looked up as IPv4, as it would be dialled.</summary>
    public bool Contain(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    /// <summary>Reads settings text: one CIDR such as <c>10.0.0.0/8</c> or <c>fd12::/16</c> each; a plain address stands for itself alone.</summary>
    /// <param name="problem">The sentence to show when false: names the entry at fault.</param>
    public static bool TryParse(IEnumerable<string> cidrs, [NotNullWhen(true)] out AllowedNetworks? networks, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(cidrs);
        (networks, problem) = (null, null);
        var parsed = new List<IPNetwork>();
        foreach (var cidr in cidrs)
        {
            if (!TryParseOne(cidr, out var network))
            {
                problem = $"'{cidr}' is not a network: write an address and a prefix length, with the bits after the prefix zero, such as 10.0.0.0/8 or fd12::/16.";
                return false;
            }

            parsed.Add(network);
        }

        networks = new AllowedNetworks([.. parsed]);
        return true;
    }

    private static bool TryParseOne(string? cidr, out IPNetwork network)
    {
        network = default;
        var parts = (cidr ?? "").Trim().Split('/');
        if (parts.Length > 2 || !IPAddress.TryParse(parts[0], out var address) || !IsAsWritten(address, parts[0]) || address.IsIPv4MappedToIPv6)
        {
            return false;
        }

        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (parts.Length == 2 && !(int.TryParse(parts[1], out length) && length >= 0 && length <= bits))
        {
            return false;
        }

        var candidate = new IPNetwork(address, length);
        network = candidate;
        return candidate.BaseAddress.Equals(address);
    }

    // "10/8" parses as 0.0.0.10: what was meant is not what would be exempted.
    private static bool IsAsWritten(IPAddress address, string text) => text.Contains(':') ? address.ScopeId == 0 : address.ToString() == text;
}
