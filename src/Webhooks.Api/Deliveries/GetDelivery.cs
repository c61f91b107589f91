using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>GET /v1/deliveries/{sid}</summary>
public static class GetDelivery
{
    /// <summary>Attempts that a delivery is shown with; the others are a list of their own.</summary>
    internal const int MaxAttempts = 50;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/deliveries/{sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Deliveries")
        .WithSummary("Get a delivery")
        .WithDescription($"With its attempts, the newest {MaxAttempts} of them (GET /v1/deliveries/{{sid}}/attempts lists all): what was sent (the body as signed, up to 64 KiB of it), what came back, and why it failed; of an exhausted one, in exhausted_reason, why it is given up (attempts, not_retried, deadline, max_age, aborted). Told from the log itself, so it never lags. Values of headers that carry credentials are redacted.")
        .Answers(200, "The delivery.", $$"""{"delivery":{{DeliveryAnswer.ExampleWithAttempts}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, DeliveryAudit audit)
    {
        new Query(http).Done();
        var delivery = await Find(http, sid, audit);
        return ETag.NotModified(http, delivery.Version)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(new { delivery = DeliveryAnswer.Of(delivery) }, Wire.Json);
    }

    /// <exception cref="ProblemException">404: none, or another company's.</exception>
    internal static Task<DeliveryDetails> Find(HttpContext http, string sid, DeliveryAudit audit) => Find(http, sid, audit, new AttemptRange(Beyond: null, Descending: true, MaxAttempts));

    /// <inheritdoc cref="Find(HttpContext, string, DeliveryAudit)"/>
    internal static async Task<DeliveryDetails> Find(HttpContext http, string sid, DeliveryAudit audit, AttemptRange range)
    {
        var delivery = Sid.TryParse<DeliveryId>(sid, out var id) ? await audit.One(id, range, http.RequestAborted) : null;
        return delivery is not null && http.Caller().Sees(delivery.Company) ? delivery : throw Problems.NotFound("delivery");
    }
}
