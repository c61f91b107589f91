using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Messages;

/// <summary>POST /v1/events: the hot path.</summary>
public static class EmitEvent
{
    /// <summary>On the answer to a repeat.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    internal const string Whole = """
        {"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","payload":{"order":4711},"id":"order-4711-paid","channels":["eu","shop-7"],"ordering_key":"order-4711","deliver_at":"2026-02-01T12:00:00.000Z"}
        """;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/events", Handle)
        .RequireScope(Scopes.Emit)
        .WithTags("Events")
        .WithSummary("Emit an event")
        .WithDescription($"""
            Answered when the event and its deliveries are durable; each webhook of the company that takes this type gets the payload, byte for byte.
            With an idempotency key, as the header {IdempotencyKey.Header} or as id, a repeat is safe: the same type, payload, channels, ordering_key and deliver_at get the first answer again, with the header {ReplayedHeader}: true,
            others are refused with 409. Keys are kept as long as the event. A payload has at most Emit:MaxPayloadBytes bytes (413 beyond).
            Where the event catalogue is enforced, a type that it does not define or a payload that does not fit its schema is refused with 422, which names each place: payload.items[0].sku.
            503 means that nothing was accepted: try again after Retry-After seconds. Its one exception is the code event.outcome_unknown, where the database did not answer in time,
            or was lost while the event was being saved: the event may be accepted, or be accepted yet; a repeat with the same idempotency key is safe, one without may double it.
            """)
        .TakesSome(
            """{"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","payload":{"order":4711},"id":"order-4711-paid","channels":["eu","shop-7"]}""",
            Whole,
            Documentation.Optional("company_sid", "Required with an admin key; a company's key implies it."),
            Documentation.Required("type", "1 to 128 characters of a-z, A-Z, 0-9, '.', '_', '-', ':' and '/', starting with a letter or digit. webhook.test is reserved."),
            Documentation.Required("payload", "Any JSON value, null included. Its bytes are kept as they are: spacing, order, digits, duplicates."),
            Documentation.Optional("id", "Your own name for the event, 1 to 255 visible ASCII characters: an idempotency key."),
            Documentation.Optional("channels", $"Up to {Channels.MaxPerEvent} labels in the form of a type, each once: a webhook with channels gets the event only where it has one of them."),
            Documentation.Optional("ordering_key", $"What the event belongs to, such as a customer or an order: webhooks with strict ordering get events of one key one after the other. 1 to {Domain.Messages.Message.MaxOrderingKeyLength} characters. Events without one are a key of their own."),
            Documentation.Optional("deliver_at", $"Not sent before this time, RFC 3339 with its offset, at most {Domain.Messages.Message.MaxDelay.Days} days ahead; what is past means at once. The webhooks are matched now. Until then ~cancel calls the event back."))
        .Answers(202, "Accepted and durable.", $$"""{"event":{{EventAnswer.Accepted}}}""");

    private static async Task Handle(HttpContext http, EventAcceptor acceptor, EmitOptions options)
    {
        var key = IdempotencyKey.Read(http.Request);
        var draft = await EmitBody.ReadEvent(http, options.MaxPayloadBytes);
        var (accepted, company) = await acceptor.Accept(http, draft, IdempotencyKey.Of(key, draft.Id));
        http.Response.Headers.Location = $"/v1/events/{accepted.Message}";
        if (accepted.Repeated)
        {
            http.Response.Headers[ReplayedHeader] = "true";
        }

        await JsonAnswer.Write(http, StatusCodes.Status202Accepted, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("event");
            EventAnswer.Write(json, accepted, company);
            json.WriteEndObject();
        });
    }
}
