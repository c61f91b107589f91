using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>GET /v1/deliveries/{sid}/attempts</summary>
public static class ListAttempts
{
    /// <summary>Each is told with up to 64 KiB of what was sent and as much of what came back as is kept.</summary>
    private const int MaxPageSize = 100;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/deliveries/{sid}/attempts", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Deliveries")
        .WithSummary("List a delivery's attempts")
        .WithDescription("All of them, over all series, in the order of their numbers; attempts are told as in the delivery itself, from the log, so the list never lags.")
        .AsksFor("page_size", $"How many: 1 to {Query.MaxPageSize}, {Query.DefaultPageSize} when left out; a page holds {MaxPageSize} at most.", "50")
        .AsksFor("sort", "number.asc, the default, or number.desc.", "number.asc")
        .AsksFor("page_token", "next_page_token of the page before.")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"attempts":[{{AttemptAnswer.Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, DeliveryAudit audit)
    {
        var query = new Query(http);
        var page = query.Page<DeliveryId>("number");
        query.Done();

        var id = Sid.TryParse<DeliveryId>(sid, out var parsed) ? parsed : throw Problems.NotFound("delivery");
        page = page with { Size = Math.Min(page.Size, MaxPageSize) };
        var delivery = await GetDelivery.Find(http, sid, audit, new AttemptRange(page.After?.NumberIn(id), page.Sort.Descending, page.Size + 1));
        var (attempts, next) = PageToken.Cut(delivery.Attempts, page, a => PageToken.Keyed(a.Attempt.Number, id));
        return Results.Json(new { attempts = attempts.Select(AttemptAnswer.Of), next_page_token = next }, Wire.Json);
    }
}
