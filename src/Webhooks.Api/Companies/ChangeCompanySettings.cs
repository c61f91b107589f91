using System.Text.Json;
using Webhooks.Api.Catalogue;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>PATCH /v1/companies/{sid}</summary>
public static class ChangeCompanySettings
{
    private const string DefaultRetryPolicy = "default_retry_policy";
    private const string DefaultProfile = "default_profile";
    private const string Weight = "weight";
    private const string EventCatalogue = "event_catalogue";
    private const string CompressHooks = "compress_hooks";

    public static void Map(RouteGroupBuilder api) => api.MapPatch("/companies/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Companies")
        .WithSummary("Change a company's settings")
        .WithDescription("By its sid, or by its code. JSON Merge Patch (RFC 7396): what is left out stays, null goes back to the installation's default. Holds from the next attempt of each delivery on. The weight is the installation's to give: it takes a key with the scope admin.")
        .TakesSome(
            """{"default_retry_policy":{"kind":"preset","name":"standard"},"default_profile":"streem"}""",
            """{"default_retry_policy":{},"default_profile":"streem","weight":2,"compress_hooks":true,"event_catalogue":"types"}""",
            RetryPolicyDocs.Of(DefaultRetryPolicy, "For webhooks that have no retry_policy.").InPatch(),
            Documentation.Optional(DefaultProfile, "For webhooks registered or replaced from then on without profile, signature_scheme and signatures: whose receivers they are.").Among<WebhookProfile>(),
            Documentation.Optional(Weight, "Starts of its deliveries for each start of a company of weight 1, while both wait: 1 unless set.").Within(1, Company.MaxWeight),
            Documentation.Optional(CompressHooks, "Whether hooks that are made over GetStream's API (PATCH /app) get their bodies compressed; its own name for this is enable_hook_payload_compression."),
            Documentation.Optional(EventCatalogue, "types: only events of types that the event catalogue defines are accepted; schemas: and only payloads that fit their schemas. Unless set, only types that are enforced by themselves are looked at.").Among<CatalogueEnforcement>())
        .Answers(200, "The company as it is now.", $$"""{"company":{{CompanyAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, CompanyQueries companies, CommandRunner commands, EnforcedCatalogue catalogue)
    {
        var found = await CompanyTarget.Find(http, companies, sid);
        var patch = JsonValue.Parse(await JsonBody.ReadBytes(http, JsonBody.MaxCommandBytes));
        if (patch.Members.Any(m => m.Key == Weight) && !http.Caller().IsAdmin)
        {
            throw Problems.Refuse(403, "auth.scope", "The weight of a company takes a key with the scope 'admin'.");
        }

        var outcome = await commands.Run(http, CompanyTarget.Of(found.Company), found.Company, state => Company.Decide(state, new Domain.Companies.ChangeCompanySettings(Read(state.Settings, patch))));
        await catalogue.Follow(http.RequestAborted);
        return Wire.Ok(http, outcome.Version, new { company = CompanyAnswer.Of(found with { Settings = outcome.State.Settings }) });
    }

    /// <exception cref="ProblemException">422 with every broken rule.</exception>
    private static CompanySettings Read(CompanySettings present, JsonValue patch)
    {
        var merged = MergePatch.Apply(JsonValue.Parse(JsonSerializer.SerializeToUtf8Bytes(present, Wire.Json)), patch);
        var body = Fields.Of(merged);
        var settings = new CompanySettings
        {
            DefaultRetryPolicy = RetryPolicyReader.Read(body, DefaultRetryPolicy),
            DefaultProfile = body.OptionalEnum<WebhookProfile>(DefaultProfile),
            CompressHooks = body.OptionalBoolean(CompressHooks),
            EventCatalogue = body.OptionalEnum<CatalogueEnforcement>(EventCatalogue),
            Weight = body.OptionalInt(Weight, 1, Company.MaxWeight),
        };
        body.Done();
        return settings;
    }
}
