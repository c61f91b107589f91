using Webhooks.Api.Http;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>PATCH /app</summary>
internal static class UpdateApp
{
    /// <summary>A race lost to /v1/webhooks is read and decided anew; five in a row are worth an error.</summary>
    private const int MaxTries = 5;

    public static async Task<IResult> Handle(HttpContext http, Hooks hooks, CompanyQueries companies)
    {
        // GetStream's clients for Python and Go name every setting there is, as null where nothing was said of it.
        var json = JsonValue.Parse(await JsonBody.ReadBytes(http, JsonBody.MaxCommandBytes)).WithoutNulls();
        var key = GetStreamCredentials.Key(http);
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            if (await hooks.Change(http, key, present => Read(Fields.Of(json), present)))
            {
                return await GetApp.Show(http, hooks, companies);
            }
        }

        throw Problems.Refuse(409, "version.conflict", "Others change these hooks at the same time; try again.");
    }

    private static HookRequest Read(Fields app, IReadOnlyList<WebhookView> present)
    {
        var compress = app.OptionalBoolean("enable_hook_payload_compression");
        var legacy = new LegacyReader(app, present);
        var (changes, before) = (HookReader.Read(app, present), legacy.Read());
        if (changes is not null && legacy.IsSpokenOf)
        {
            app.Refuse("event_hooks", "hook.both", "Can't be given together with the fields from before it: webhook_url, webhook_events, sqs_… and sns_….");
        }

        app.Done();
        return new HookRequest(changes ?? before, compress);
    }
}
