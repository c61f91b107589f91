using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Receiver;

/// <summary>Routes that take webhooks.</summary>
public static class WebhookEndpoints
{
    /// <summary>
    /// Takes the requests of one webhook. Genuine ones are handled, and answered with 200 unless the handler sets
    /// another status; others get 401 and <c>{"fault":"…"}</c>. A body too large gets 413, one that cannot be unpacked
    /// 400, as does any body of a GET request, a packing other than gzip 415; a request whose like is being handled 503.
    /// A packed body that breaks off is judged by what could be unpacked. An exception of the handler is the
    /// application's to answer, and the sender's to retry.
    /// </summary>
    /// <param name="pattern">The route's pattern.</param>
    /// <param name="verifier">Tells genuine requests.</param>
    /// <param name="handle">What to do with one. Should be quick: senders wait seconds, not minutes.</param>
    /// <param name="options">Null: those that <see cref="WebhookReceiverOptions"/> begins with.</param>
    public static IEndpointConventionBuilder MapWebhook(
        this IEndpointRouteBuilder endpoints, string pattern, WebhookVerifier verifier, Func<ReceivedWebhook, HttpContext, Task> handle, WebhookReceiverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return endpoints.MapWebhook(pattern, _ => new ValueTask<WebhookVerifier?>(verifier), handle, options);
    }

    /// <summary>Takes the requests of many webhooks, or of one whose keys change while the application runs.</summary>
    /// <inheritdoc cref="MapWebhook(IEndpointRouteBuilder, string, WebhookVerifier, Func{ReceivedWebhook, HttpContext, Task}, WebhookReceiverOptions?)"/>
    /// <param name="verifierOf">Finds the verifier, by route values for example; null from it: answered with 404.</param>
    public static IEndpointConventionBuilder MapWebhook(
        this IEndpointRouteBuilder endpoints, string pattern, Func<HttpContext, ValueTask<WebhookVerifier?>> verifierOf, Func<ReceivedWebhook, HttpContext, Task> handle, WebhookReceiverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(verifierOf);
        ArgumentNullException.ThrowIfNull(handle);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxBodyBytes, nameof(options));
        return endpoints.MapMethods(pattern, options.Methods, new ReceivingRoute(verifierOf, handle, options).Receive);
    }
}
