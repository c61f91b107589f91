using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Payloads;

namespace Webhooks.Api.Catalogue;

/// <summary>POST /v1/event-types/~import</summary>
public static class ImportEventTypes
{
    private const int MaxBytes = 4 * 1024 * 1024;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/event-types/~import", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Import event types")
        .WithDescription($"""
            From the webhooks of an OpenAPI document (3.1 or later), at most {OpenApiWebhooks.MaxTypes}; or a catalogue that comes with the service: {string.Join(", ", ReadyCatalogues.Names)}.
            All of them or none. New types are defined, those that differ are changed, those that the document deprecates are deprecated; what it does not name stays. Importing the same again changes nothing.
            References in the document are followed within it; nothing is fetched from elsewhere.
            """)
        .Takes(
            """
            {"company_sid":"com_01h455vb4pex5vsknk084sn02q","enforced":false,"dry_run":false,"catalogue":"aiozstream",
             "openapi":{"openapi":"3.1.0","info":{"title":"Shop","version":"1"},"webhooks":{"order.paid":{"post":{"summary":"An order was paid.",
              "requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["order"],"properties":{"order":{"type":"integer"} } },
               "example":{"order":4711} } } } } } } } }
            """,
            Documentation.Optional("company_sid", "Whose types they are. Left out: the key's own company; with an admin key, the installation."),
            Documentation.Optional("openapi", "The document, as JSON. Either this or catalogue."),
            Documentation.Optional("catalogue", "The name of a catalogue that comes with the service. Either this or openapi."),
            Documentation.Optional("enforced", "Whether payloads have to fit. Left out: as it is for types that are there, false for new ones."),
            Documentation.Optional("dry_run", "true: only tell what would be done."))
        .Answers(
            200,
            "What was done with each type, by name: defined, changed or unchanged.",
            """{"event_types":[{"sid":"ety_3v5tkq8m0g8gq9xj2r4c7e1b5d","name":"order.paid","outcome":"defined","version":1,"status":"active"}],"dry_run":false}""");

    private static async Task<IResult> Handle(HttpContext http, EventTypeTarget target, EventTypeImport import)
    {
        var body = await JsonBody.Read(http, MaxBytes);
        var given = body.OptionalSid<CompanyId>("company_sid");
        var enforced = body.OptionalBoolean("enforced");
        var isDryRun = body.OptionalBoolean("dry_run") ?? false;
        var described = Describe(body, body.OptionalJson("openapi"), body.OptionalString("catalogue", 1, 100));
        foreach (var type in described.Where(t => enforced == true && t.Definition.Schema is null))
        {
            body.Refuse(type.Field, "event_type.enforced", "There is no schema to enforce.");
        }

        body.Done();
        var owner = await target.Owner(http, given);
        var imported = await import.Run(http, owner, described, enforced, isDryRun);
        return Results.Json(new { event_types = imported, dry_run = isDryRun }, Wire.Json);
    }

    private static IReadOnlyList<DescribedEventType> Describe(Fields body, JsonText? document, string? catalogue)
    {
        if (document is null == catalogue is null)
        {
            body.Refuse("openapi", "import.source", "Either openapi or catalogue is to be given.");
            return [];
        }

        Refusal? refusal = null;
        var types = document is null ? ReadyCatalogues.Find(catalogue!, "catalogue") : OpenApiWebhooks.Read(document, "openapi", out refusal);
        body.Refuse(refusal);
        if (types is null && refusal is null)
        {
            body.Refuse("catalogue", "field.value", $"Must be one of {string.Join(", ", ReadyCatalogues.Names)}.{DidYouMean.Hint(catalogue!, ReadyCatalogues.Names)}");
        }

        return types ?? [];
    }
}
