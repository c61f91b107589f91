using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Receiver;

/// <summary>A request that was found genuine. It stays as it is when the request has ended.</summary>
/// <param name="Body">
/// As it was signed: unpacked, otherwise byte for byte. Empty for a GET request, of which <see cref="HttpRequest.QueryString"/>
/// was signed instead.
/// </param>
/// <param name="Headers">All headers. Only some schemes sign some of them.</param>
public sealed record ReceivedWebhook(Verification Verification, ReadOnlyMemory<byte> Body, IHeaderDictionary Headers)
{
    private static readonly string[] EventTypeHeaders = ["webhook-event-type", "X-GitHub-Event", "X-Shopify-Topic", "X-Event-Type"];

    /// <summary>See <see cref="Verification.Id"/>: the same over retries, so what was handled once need not be again.</summary>
    public string? Id => Verification.Id;

    /// <summary>See <see cref="Verification.SentAt"/>.</summary>
    public DateTimeOffset? SentAt => Verification.SentAt;

    /// <summary>What happened, as a header says that no scheme signs; null without one. Some senders say it in the body instead.</summary>
    public string? EventType => EventTypeHeaders.Select(name => Headers[name].ToString()).FirstOrDefault(value => value.Length > 0);

    /// <summary>The body read as JSON.</summary>
    /// <exception cref="JsonException">The body is none, or not of this type.</exception>
    public T? Json<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Body.Span, options ?? JsonSerializerOptions.Web);
}
