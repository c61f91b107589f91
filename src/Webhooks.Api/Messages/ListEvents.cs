using Webhooks.Api.Http;
using Webhooks.Api.Operations;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;
using Webhooks.Projections;
using Webhooks.Projections.Messages;

namespace Webhooks.Api.Messages;

/// <summary>GET /v1/events</summary>
public static class ListEvents
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/events", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Events")
        .WithSummary("List events")
        .WithDescription("The newest first, without payloads. Read from the log itself: an event is in the list from the moment its acceptance was answered, and as_of is the present. With a rare type a page may be short or empty and still have a next one.")
        .AsksFor("company_sid", "Only this company's; a company's key sees its own alone.")
        .AsksFor("type", "Only of exactly this type.", "order.paid")
        .IsPagedNewestFirst()
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"events":[{{EventAnswer.Summary}}],"next_page_token":"","as_of":"2026-01-31T12:00:01.000Z"}""");

    private static async Task Handle(HttpContext http, MessageQueries messages, DatabaseClock clock)
    {
        var query = new Query(http);
        var seesAny = query.ReadCompany(http.Caller(), out var company);
        var filter = new MessageFilter(company, query.Text("type"), query.Time("since"), query.Time("until"));
        var page = query.ReadPage<MessageId>();
        query.Done();

        var asOf = clock.Now;
        var found = seesAny
            ? await messages.List(filter, page.After?.Id<MessageId>(0), page.Size, http.RequestAborted)
            : new Page<MessageSummary, MessageId>([], null, null);
        await JsonAnswer.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events");
            foreach (var summary in found.Items)
            {
                EventAnswer.Write(json, summary);
            }

            json.WriteEndArray();
            json.WriteString("next_page_token", NewestFirstPage.Token(found.Next));
            json.WriteString("as_of", Wire.Time(asOf));
            json.WriteEndObject();
        });
    }
}
