using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Deliveries;

/// <summary>The headers that are the same in every request of a webhook's configuration. The sender and the audit both ask here.</summary>
public static class ConfiguredHeaders
{
    public const string Authorization = "Authorization";

    /// <param name="custom">The customer's own.</param>
    /// <param name="authorization">Null: none, or none yet. Stands last of what does not describe the body, where a sender adds one that had to be fetched.</param>
    public static Header[] Of(WebhookConfiguration configuration, IEnumerable<Header> custom, string? authorization)
    {
        var headers = new List<Header>(custom);
        if (authorization is not null)
        {
            headers.Add(new(Authorization, authorization));
        }

        if (configuration is { Transport.Compression: BodyCompression.Gzip, Method: not "GET" })
        {
            headers.Add(new("Content-Encoding", "gzip"));
        }

        return [.. headers];
    }
}
