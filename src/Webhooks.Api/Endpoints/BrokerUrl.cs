namespace Webhooks.Api.Endpoints;

/// <summary>What a broker's URL says: amqp or amqps, host, port and virtual host.</summary>
/// <param name="Vhost">Unescaped; <c>/</c> where the path is empty.</param>
internal sealed record BrokerUrl(string Host, int Port, bool Tls, string Vhost)
{
    private const int TlsPort = 5671;
    private const int PlainPort = 5672;

    /// <param name="url">One that <see cref="Domain.Endpoints.UrlRules.RefuseBroker"/> does not refuse.</param>
    /// <returns>Null where its path is more than one step.</returns>
    public static BrokerUrl? Parse(string url)
    {
        var tls = url.StartsWith("amqps:", StringComparison.OrdinalIgnoreCase);
        // As a web address, its own port stands for none given.
        var uri = new Uri($"{(tls ? "https" : "http")}{url[url.IndexOf(':', StringComparison.Ordinal)..]}");
        var authority = uri.OriginalString.Split('/')[2];
        var hasPort = authority.LastIndexOf(':') > authority.LastIndexOf(']');
        var path = uri.AbsolutePath[1..];
        return path.Contains('/')
            ? null
            : new BrokerUrl(uri.IdnHost, hasPort ? uri.Port : tls ? TlsPort : PlainPort, tls, path.Length == 0 ? "/" : Uri.UnescapeDataString(path));
    }
}
