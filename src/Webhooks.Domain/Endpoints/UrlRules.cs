using System.Collections.Frozen;
using System.Text;

namespace Webhooks.Domain.Endpoints;

/// <summary>
/// Which URLs may be registered. A host written as an address is judged here; a name is judged by every address it
/// resolves to, each time it is dialled.
/// </summary>
public static class UrlRules
{
    public const int MaxLength = 2048;

    /// <summary>Databases, queues and machine control that answer, or half answer, to an HTTP request.</summary>
    private static readonly FrozenSet<int> DeniedPorts = new[]
    {
        1433, // SQL Server
        1521, // Oracle
        2375, // Docker
        2379, // etcd
        3306, // MySQL
        3389, // remote desktop
        5432, // PostgreSQL
        5672, // AMQP
        5900, // VNC
        6379, // Redis
        9200, // Elasticsearch
        10250, // kubelet
        11211, // memcached
        27017, // MongoDB
    }.ToFrozenSet();

    /// <summary>80, 443 and those from 1024 on, without the well-known ports of services that are no web servers.</summary>
    public static bool AllowsPort(int port) => port is 80 or 443 || (port is >= 1024 and <= 65535 && !DeniedPorts.Contains(port));

    /// <summary>The rule that this URL breaks, if any.</summary>
    /// <param name="field">The wire's path to the URL.</param>
    /// <param name="httpsOnly">Whether this installation refuses plain http.</param>
    public static Refusal? Refuse(string url, AllowedNetworks allowed, string field, bool httpsOnly = false)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(allowed);
        if (url.Length is 0 or > MaxLength)
        {
            return Refusal.Invalid(field, "url.length", $"Must be 1 to {MaxLength} characters.");
        }

        if (!HasPlainCharacters(url))
        {
            return Refusal.Invalid(field, "url.characters", "Must hold no spaces, control characters or backslashes; escape them as %20 and so on.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || !url.AsSpan(uri.Scheme.Length).StartsWith("://"))
        {
            return Refusal.Invalid(field, "url.scheme", "Must be an absolute URL that starts with https:// or http://.");
        }

        return RefuseParts(url, uri, allowed, field, httpsOnly, AllowsPort, "use a header of the webhook instead");
    }

    /// <summary>The rule that the URL of a message broker breaks, if any: amqps or amqp, judged as a webhook's URL is.</summary>
    /// <inheritdoc cref="Refuse"/>
    public static Refusal? RefuseBroker(string url, AllowedNetworks allowed, string field, bool tlsOnly = false)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (tlsOnly && url.StartsWith("amqp://", StringComparison.OrdinalIgnoreCase))
        {
            return Refusal.Invalid(field, "url.https_only", "Must start with amqps://: this installation sends over TLS only.");
        }

        if (!url.StartsWith("amqps://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("amqp://", StringComparison.OrdinalIgnoreCase))
        {
            return Refusal.Invalid(field, "url.scheme", "Must be an absolute URL that starts with amqps:// or amqp://.");
        }

        // Read as a web address, so that hosts are judged by the one reader that is proven.
        var http = $"https{url[url.IndexOf(':', StringComparison.Ordinal)..]}";
        return http.Length > MaxLength || !HasPlainCharacters(http) || http.Contains('?') || !Uri.TryCreate(http, UriKind.Absolute, out var uri)
            ? Refusal.Invalid(field, "url.broker", $"Must be scheme, host, port and virtual host alone, such as amqps://mq.example.com/orders, and at most {MaxLength} characters.")
            : RefuseParts(http, uri, allowed, field, httpsOnly: false, AllowsBrokerPort, "they stand in user and password");
    }

    /// <summary>Those of <see cref="AllowsPort"/>, and AMQP's own.</summary>
    public static bool AllowsBrokerPort(int port) => AllowsPort(port) || port == 5672;

    /// <param name="inTheirPlace">Where to put user name and password instead.</param>
    private static Refusal? RefuseParts(string url, Uri uri, AllowedNetworks allowed, string field, bool httpsOnly, Func<int, bool> allowsPort, string inTheirPlace)
    {
        if (httpsOnly && uri.Scheme != "https")
        {
            return Refusal.Invalid(field, "url.https_only", "Must start with https://: this installation sends over TLS only.");
        }

        var written = WrittenAuthority(url, uri.Scheme.Length + 3);
        if (written.Contains('@'))
        {
            return Refusal.Invalid(field, "url.userinfo", $"Must hold no user name or password; {inTheirPlace}.");
        }

        if (url.Contains('#'))
        {
            return Refusal.Invalid(field, "url.fragment", "Must hold no fragment: it would never be sent.");
        }

        return UrlHost.Read(written, uri) is { } host
            ? RefuseHost(host, uri.Port, allowed, field, allowsPort)
            : Refusal.Invalid(field, "url.host", "The host must be a name in ASCII (international ones in their xn-- form), an IPv4 address of four decimal numbers, or an IPv6 address in brackets without a zone.");
    }

    private static Refusal? RefuseHost(UrlHost host, int port, AllowedNetworks allowed, string field, Func<int, bool> allowsPort)
    {
        if (host.Address is { } address ? AddressRules.Judge(address, allowed) is not null : IsDeniedName(host.Name, allowed))
        {
            return Refusal.Invalid(field, "url.blocked", "The host is one that this installation does not send to.");
        }

        // Which network a name lies in is known when it is dialled; the port is then judged again.
        var exempt = host.Address is { } literal ? allowed.Contain(literal) : !allowed.IsEmpty;
        return exempt || allowsPort(port) ? null : Refusal.Invalid(field, "url.port", "The port must be 80, 443, or one from 1024 on that does not belong to a database or the like.");
    }

    /// <summary>Private names need a private network; the name of the metadata service is never right.</summary>
    private static bool IsDeniedName(string name, AllowedNetworks allowed) =>
        name == "metadata.google.internal"
        || (IsOrUnder(name, "localhost") && !allowed.IncludeLoopback)
        || ((IsOrUnder(name, "internal") || IsOrUnder(name, "local")) && allowed.IsEmpty);

    private static bool IsOrUnder(string name, string suffix) =>
        name.EndsWith(suffix, StringComparison.Ordinal) && (name.Length == suffix.Length || name[^(suffix.Length + 1)] == '.');

    private static string WrittenAuthority(string url, int start)
    {
        var end = url.AsSpan(start).IndexOfAny('/', '?', '#');
        return end < 0 ? url[start..] : url[start..(start + end)];
    }

    private static bool HasPlainCharacters(string url)
    {
        foreach (var rune in url.EnumerateRunes())
        {
            // An unpaired surrogate enumerates as the replacement character.
            if (rune.Value == '\\' || rune == Rune.ReplacementChar || Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                return false;
            }
        }

        return true;
    }
}
