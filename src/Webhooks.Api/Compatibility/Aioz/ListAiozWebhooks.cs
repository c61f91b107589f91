using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Compatibility;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>GET /api/webhooks</summary>
public static class ListAiozWebhooks
{
    private const int MaxLimit = 100;
    private const int DefaultLimit = 25;

    public static void Map(RouteGroupBuilder webhooks)
    {
        var route = webhooks.MapGet("", Handle)
            .RequireScope(Scopes.Read)
            .WithSummary("List webhooks")
            .WithDescription("The company's webhooks of the profile aiozstream, oldest first unless sorted otherwise.")
            .AsksFor("search", "Those with this in their name, whatever its case.")
            .AsksFor("sort_by", "created_at, name or url; created_at when left out.", "created_at")
            .AsksFor("order_by", "asc or desc; asc when left out.", "asc")
            .AsksFor("offset", "How many to pass over: from 0, which it is when left out.", "0")
            .AsksFor("limit", $"How many: 1 to {MaxLimit}, {DefaultLimit} when left out.", "25")
            .Answers(200, "A page, and how many there are in all.", $$"""{"status":"success","data":{"webhooks":[{{AiozWebhookAnswer.Example}}],"total":1} }""");
        foreach (var (flag, type) in AiozEvents.All)
        {
            route.AsksFor(flag, $"true: those that take {type}. false narrows nothing, as with AIOZ.", "true");
        }
    }

    private static async Task<IResult> Handle(HttpContext http, AiozWebhookQueries webhooks)
    {
        var company = AiozTarget.Company(http);
        var query = new Query(http);
        var filter = new AiozWebhookFilter(
            company,
            query.Text("search"),
            [.. AiozEvents.All.Where(e => query.Boolean(e.Flag) == true).Select(e => e.Type)],
            SortOf(query.Choice("sort_by", "created_at", "name", "url")),
            Descending: query.Choice("order_by", "asc", "desc") == "desc",
            query.Int("offset", 0, int.MaxValue) ?? 0,
            query.Int("limit", 1, MaxLimit) ?? DefaultLimit);
        query.Done();

        var page = await webhooks.List(filter, http.RequestAborted);
        return AiozApi.Data(new { webhooks = page.Items.Select(w => AiozWebhookAnswer.Of(w.Webhook, w.LastTriggeredAt)), total = page.Total });
    }

    private static AiozWebhookSort SortOf(string name) => name switch
    {
        "name" => AiozWebhookSort.Name,
        "url" => AiozWebhookSort.Url,
        _ => AiozWebhookSort.CreatedAt,
    };
}
