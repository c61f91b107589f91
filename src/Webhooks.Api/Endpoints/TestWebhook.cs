using System.Text.Json;
using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET and POST /v1/webhooks/{sid}/~test. That a GET sends something is Streem's contract, so it needs the scope to manage.</summary>
public static class TestWebhook
{
    /// <summary>Beyond the webhook's own deadline: for the queue before the attempt and the recording after it.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(5);

    private static readonly Problem OutcomeUnknown =
        new(503, "event.outcome_unknown", "Whether the test event is sent is not known: the database did not answer in time, or was lost while it was being saved. The webhook's deliveries will show it.") { RetryAfterSeconds = 5 };

    public static void Map(RouteGroupBuilder api)
    {
        Describe(api.MapGet("/webhooks/{sid}/~test", Handle));
        Describe(api.MapPost("/webhooks/{sid}/~test", Handle));
    }

    private static void Describe(RouteHandlerBuilder route) => route
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Send a test event")
        .WithDescription($"Sends an event of the type {EventTypes.Test} to this webhook alone, whatever it subscribes to and also while it is disabled. One attempt, no retries; GET does the same as POST. 503 means that nothing was sent, but for event.outcome_unknown: then the deliveries show it if it was.")
        .Answers(200, "The attempt is over: this is its outcome, good or bad.", $$"""{"test":{{TestAnswer.Example}}}""")
        .Answers(202, "The attempt was not over in time; see the delivery.", $$"""{"test":{{TestAnswer.PendingExample}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, DeliveryNode node, DeliveryAudit audit)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        (await JsonBody.ReadOptional(http)).Done();
        var (test, isOver) = await Send(http, found, Payload(found), node, audit);
        return Results.Json(new { test }, Wire.Json, statusCode: isOver ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    /// <param name="payload">JSON.</param>
    /// <returns>The outcome, and whether the attempt was over in time.</returns>
    /// <exception cref="ProblemException">Nothing was sent, or, as it says then, that is not known.</exception>
    internal static async Task<(TestAnswer Test, bool IsOver)> Send(HttpContext http, WebhookView found, byte[] payload, DeliveryNode node, DeliveryAudit audit)
    {
        var timeout = TimeSpan.FromMilliseconds(found.State.Configuration!.TimeoutMs) + Allowance;
        var (outcome, attempted) = await node.Tests.Send(found.State.Company, found.Id, payload, http.Caller().Key, http.Call().Correlation, timeout, http.RequestAborted);
        var (message, delivery) = Accepted(outcome);
        return attempted && await Details(audit, delivery, http.RequestAborted) is { } details
            ? (TestAnswer.Of(message, details), true)
            : (TestAnswer.Pending(message, delivery), false);
    }

    private static async Task<DeliveryDetails?> Details(DeliveryAudit audit, DeliveryId delivery, CancellationToken ct)
    {
        try
        {
            return await audit.One(delivery, new AttemptRange(Beyond: null, Descending: false, Count: 1), ct);
        }
        catch (DatabaseUnavailableException)
        {
            // It was sent, and can't be looked at just now: no reason to say that nothing was done.
            return null;
        }
    }

    /// <summary>Says what is tested; addresses and headers may hold credentials, so they stay out of what is stored.</summary>
    private static byte[] Payload(WebhookView webhook) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            message = "This is a test event.",
            webhook = new { sid = webhook.Id, company_sid = webhook.State.Company, label = webhook.State.Configuration!.Label },
        },
        Wire.Json);

    private static (MessageId Message, DeliveryId Delivery) Accepted(EmitOutcome outcome) => outcome switch
    {
        EmitOutcome.Accepted { Deliveries: [var delivery] } accepted => (accepted.Message, delivery),
        EmitOutcome.Accepted => throw Problems.NotFound("webhook"),
        EmitOutcome.Refused refused => throw new ProblemException(Problems.Of(refused.Refusal)),
        EmitOutcome.Unavailable => throw new ProblemException(
            new Problem(StatusCodes.Status503ServiceUnavailable, "event.unavailable", "The test event could not be taken at the moment; nothing was sent.") { RetryAfterSeconds = 1 }),
        EmitOutcome.Unknown => throw new ProblemException(OutcomeUnknown),
        _ => throw new InvalidOperationException($"A test event has no idempotency key, yet the outcome is {outcome.GetType().Name}."),
    };
}
