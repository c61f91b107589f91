using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Receiver.Tests;

/// <summary>
/// The C# of the kit's README, as it stands there, with what it takes for granted: <see cref="ReadmeTests"/> sees to it
/// that what is shown there stands here.
/// </summary>
internal static class Readme
{
    public static CustomSignature Acme =>
        new CustomSignature("X-Acme-Signature")
        {
            Before = headers => $"{headers["X-Acme-Time"]}.",
            SentAt = headers => long.TryParse(headers["X-Acme-Time"], out var s) ? DateTimeOffset.FromUnixTimeSeconds(s) : null,
        };

    public static WebhookReceiverOptions WithReplayCache => new WebhookReceiverOptions { ReplayCache = new MemoryReplayCache(TimeSpan.FromDays(3)) };

    public static void MapOrders(WebApplication app, string key)
    {
        app.MapWebhook("/hooks/orders", WebhookVerifier.Standard(key), async (webhook, http) =>
        {
            var order = webhook.Json<Order>();
            await http.RequestServices.GetRequiredService<Orders>().Apply(webhook.EventType, order);
        });
    }

    public static void MapCustomers(WebApplication app, KeyRing keys, Func<ReceivedWebhook, HttpContext, Task> handle) =>
        app.MapWebhook("/hooks/{customer}", http => keys.VerifierOf(http.GetRouteValue("customer")), handle);

    public static WebhookVerifier Rotating(string newKey, string oldKey) => WebhookVerifier.Standard(newKey, oldKey);

    public static WebhookVerifier Moving(string old, string key) => WebhookVerifier.Streem(old).Or(WebhookVerifier.Standard(key));

    public static WebhookVerifier Stricter(WebhookVerifier verifier) => verifier.Within(TimeSpan.FromMinutes(1));

    public static Verification WithoutRoutes(WebhookVerifier verifier, IHeaderDictionary headers, byte[] body, DateTimeOffset now) => verifier.Verify(headers, body, now);

    internal sealed record Order([property: JsonPropertyName("order")] int Number);

    internal sealed class Orders
    {
        public ConcurrentQueue<(string? EventType, Order? Order)> Applied { get; } = new();

        public Task Apply(string? eventType, Order? order)
        {
            Applied.Enqueue((eventType, order));
            return Task.CompletedTask;
        }
    }

    internal sealed class KeyRing(string customer, string key)
    {
        public ValueTask<WebhookVerifier?> VerifierOf(object? name) => new(Equals(name, customer) ? WebhookVerifier.Standard(key) : null);
    }
}
