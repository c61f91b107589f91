using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>POST /v1/deliveries/{sid}/~skip</summary>
public static class SkipDelivery
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/deliveries/{sid}/~skip", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Deliveries")
        .WithSummary("Give a delivery up")
        .WithDescription("""
            It is cancelled for good, and what waited behind it in its ordering key goes on. Its number stays unused. An attempt under way may still arrive.
            Skipping it again changes nothing. Refused (409) when it has arrived.
            """)
        .Answers(200, "It is cancelled.", $$"""{"delivery":{{DeliveryAnswer.ExampleWithAttempts}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, DeliveryAudit audit, DeliveryNode node)
    {
        new Query(http).Done();
        (await JsonBody.ReadOptional(http)).Done();
        var delivery = await GetDelivery.Find(http, sid, audit);
        if (await node.Skips.Skip(RetryDelivery.PlanOf(delivery), http.Caller().Key, http.Call().Correlation, http.RequestAborted) is { } refusal)
        {
            throw new ProblemException(Problems.Of(refusal));
        }

        var after = await GetDelivery.Find(http, sid, audit);
        return Wire.Ok(http, after.Version, new { delivery = DeliveryAnswer.Of(after) });
    }
}
