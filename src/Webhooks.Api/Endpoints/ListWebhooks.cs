using System.Globalization;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks</summary>
public static class ListWebhooks
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Webhooks")
        .WithSummary("List webhooks")
        .WithDescription($"A page at a time, oldest first unless sorted otherwise. Values of sensitive headers are shown as {HeaderAnswer.Redacted}.")
        .AsksFor("company_sid", "Those of this company. Left out: the key's own; with an admin key, all.")
        .IsPaged("url", "label", "created_at")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"webhooks":[{{WebhookAnswer.Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, WebhookQueries webhooks, SecretSealer sealer)
    {
        var query = new Query(http);
        var given = query.Sid<CompanyId>("company_sid");
        var page = query.Page<WebhookId>(new Sort("created_at", Descending: false), "url", "label", "created_at");
        var after = ReadCursor(query, page);
        query.Done();
        if (given is { } company)
        {
            http.Caller().RequireSight(company, "company");
        }

        CompanyId? only = given ?? (http.Caller().IsAdmin ? null : http.Caller().Company);
        var rows = await webhooks.List(only, SortOf(page.Sort), page.Sort.Descending, after, page.Size, http.RequestAborted);
        return Results.Json(
            new
            {
                webhooks = rows.Items.Select(w => WebhookAnswer.Of(w, sealer, reveal: false)),
                next_page_token = rows.Next is { } next ? new PageToken(page.Sort.ToString(), [next.Key, next.Id.ToString()]).Write() : "",
            },
            Wire.Json);
    }

    private static WebhookSort SortOf(Sort sort) => sort.Field switch
    {
        "url" => WebhookSort.Url,
        "label" => WebhookSort.Label,
        _ => WebhookSort.CreatedAt,
    };

    /// <summary>A token is no secret, so one made by hand may hold any text for a key.</summary>
    private static WebhookCursor? ReadCursor(Query query, Page page)
    {
        if (page.After is not { } token)
        {
            return null;
        }

        var isKey = page.Sort.Field == "created_at"
            ? DateTimeOffset.TryParseExact(token.Keys[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _)
            : !token.Keys[0].Contains('\0', StringComparison.Ordinal);
        if (!isKey)
        {
            query.Refuse("page_token", "query.page_token", "Not a page token of this list; take next_page_token from the answer before.");
            return null;
        }

        return new WebhookCursor(token.Keys[0], token.Id<WebhookId>(1));
    }
}
