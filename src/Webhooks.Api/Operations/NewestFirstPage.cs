using Webhooks.Api.Http;
using Webhooks.Domain;

namespace Webhooks.Api.Operations;

/// <summary>Pages of lists that have one order, the newest first, and with it the common filters by company and time.</summary>
internal static class NewestFirstPage
{
    private static readonly Sort Order = new("sid", Descending: true);

    public static Page ReadPage<TId>(this Query query)
        where TId : struct, ISid<TId>
    {
        var page = query.Page<TId>(Order, Order.Field);
        if (page.Sort != Order)
        {
            query.Refuse("sort", "query.sort", $"There is one order, the newest first: {Order}.");
        }

        return page;
    }

    /// <summary>Whose rows are listed: a company's key sees its own alone, whatever it asks for.</summary>
    /// <param name="company">Null only for admin keys that asked for all.</param>
    /// <returns>Whether the caller may see any.</returns>
    public static bool ReadCompany(this Query query, Caller caller, out CompanyId? company)
    {
        var asked = query.Sid<CompanyId>("company_sid");
        company = asked ?? (caller.IsAdmin ? null : caller.Company);
        return asked is not { } other || caller.Sees(other);
    }

    public static string Token<TId>(TId? next)
        where TId : struct, ISid<TId> => next is { } last ? new PageToken(Order.ToString(), [last.ToString()!]).Write() : "";

    public static RouteHandlerBuilder IsPagedNewestFirst(this RouteHandlerBuilder route) => route
        .AsksFor("since", "Only from this time on, RFC 3339 with an offset.", "2026-01-31T00:00:00Z")
        .AsksFor("until", "Only before this time, RFC 3339 with an offset.", "2026-02-01T00:00:00Z")
        .AsksFor("page_size", $"How many at most: 1 to {Query.MaxPageSize}, {Query.DefaultPageSize} when left out. A page may hold fewer, even none, and yet have a next one.", "50")
        .AsksFor("page_token", "next_page_token of the page before.");
}
