using System.Globalization;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks/{sid}/signing-keys</summary>
public static class ListSigningKeys
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks/{sid}/signing-keys", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Signing keys")
        .WithSummary("List signing keys")
        .WithDescription("Those that sign, and those whose overlap has ended lately; never with their secrets.")
        .IsPaged("label", "created_at")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"signing_keys":[{{SigningKeyAnswer.Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, SigningKeys keys)
    {
        var query = new Query(http);
        var page = query.Page<SigningKeyId>(new Sort("created_at", Descending: false), "label", "created_at");
        query.Done();
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var (shown, next) = PageToken.Cut(Sorted(await Present(found, keys, http.RequestAborted), page), page, k => KeysOf(k, page.Sort));
        return Results.Json(new { signing_keys = shown.Select(SigningKeyAnswer.WithoutSecret), next_page_token = next }, Wire.Json);
    }

    /// <summary>The keys that the webhook has: neither removed, nor dropped long after their overlap.</summary>
    internal static async Task<IReadOnlyList<SigningKeyView>> Present(WebhookView webhook, SigningKeys keys, CancellationToken ct)
    {
        var present = webhook.State.Keys.Select(k => k.Id).ToHashSet();
        return [.. (await keys.Of(webhook.Id, ct)).Where(k => k.RetiredAt is null && present.Contains(k.Id))];
    }

    /// <summary>Ten at most, so they are sorted here. One row more than the page holds says that there is a next one.</summary>
    private static List<SigningKeyView> Sorted(IReadOnlyList<SigningKeyView> keys, Page page)
    {
        var order = Comparer<string[]>.Create((a, b) => (page.Sort.Descending ? -1 : 1) * Compare(a, b));
        return keys.Select(k => (Key: k, Sort: KeysOf(k, page.Sort)))
            .Where(k => page.After is not { } after || order.Compare(k.Sort, [.. after.Keys]) > 0)
            .OrderBy(k => k.Sort, order)
            .Select(k => k.Key)
            .Take(page.Size + 1)
            .ToList();
    }

    private static int Compare(string[] a, string[] b) =>
        string.CompareOrdinal(a[0], b[0]) is var first and not 0 ? first : string.CompareOrdinal(a[1], b[1]);

    private static string[] KeysOf(SigningKeyView key, Sort sort) =>
        [sort.Field == "label" ? key.Label : key.CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), key.Id.ToString()];
}
