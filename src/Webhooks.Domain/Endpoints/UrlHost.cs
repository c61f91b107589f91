using System.Net;
using System.Text;

namespace Webhooks.Domain.Endpoints;

/// <summary>The host of a URL in the one form in which it is judged: an address, or a lower-case ASCII name without a final dot.</summary>
internal sealed record UrlHost(string Name, IPAddress? Address)
{
    private const int MaxNameLength = 253;

    /// <summary>Null when the host is written in a form that two readers could take for two hosts.</summary>
    /// <param name="authority">Host and port as the customer wrote them: <see cref="Uri"/> has already turned 0x7f.1 into 127.0.0.1.</param>
    public static UrlHost? Read(string authority, Uri uri)
    {
        // Mapping to ASCII folds look-alikes, and differently by library: １２７.０.０.１ is loopback to some.
        if (!Ascii.IsValid(authority))
        {
            return null;
        }

        if (authority.StartsWith('['))
        {
            var end = authority.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && !authority.Contains('%') && IPAddress.TryParse(authority.AsSpan(1, end - 1), out var v6) ? new UrlHost("", v6) : null;
        }

        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        var written = colon < 0 ? authority : authority[..colon];
        if (uri.HostNameType == UriHostNameType.IPv4)
        {
            return uri.Host == written && IPAddress.TryParse(written, out var v4) ? new UrlHost("", v4) : null;
        }

        var name = uri.IdnHost.ToLowerInvariant();
        name = name.EndsWith('.') ? name[..^1] : name;
        return name.Length <= MaxNameLength && Array.TrueForAll(name.Split('.'), IsLabel) && !EndsInNumber(name) ? new UrlHost(name, null) : null;
    }

    private static bool IsLabel(string label) => label.Length is >= 1 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Resolvers read such a name as an IPv4 address in octal, hexadecimal or short form.</summary>
    private static bool EndsInNumber(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.StartsWith("0x", StringComparison.Ordinal) ? last.Skip(2).All(char.IsAsciiHexDigit) : last.All(char.IsAsciiDigit);
    }
}
