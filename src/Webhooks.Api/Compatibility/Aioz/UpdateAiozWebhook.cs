using System.Text.Json;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>PATCH and PUT /api/webhooks/{id}: AIOZ's reference says the one, its guide the other.</summary>
public static class UpdateAiozWebhook
{
    public static void Map(RouteGroupBuilder webhooks)
    {
        Describe(webhooks.MapPatch("/{id}", Handle));
        Describe(webhooks.MapPut("/{id}", Handle));
    }

    private static void Describe(RouteHandlerBuilder route) => route
        .RequireScope(Scopes.Manage)
        .WithSummary("Change a webhook")
        .WithDescription("What is left out stays, with PUT too. One event at least must stay chosen.")
        .Takes(AiozBody.Example, [.. AiozBody.Docs.Select(d => d with { Required = false })])
        .Answers(200, "Changed.", """{"status":"success","message":"Webhook updated."}""");

    private static async Task<IResult> Handle(HttpContext http, string id, WebhookQueries webhooks, CommandRunner commands, WebhookReader reader)
    {
        var found = await AiozTarget.Find(http, webhooks, id);
        var body = await AiozBody.Read(http, isNew: false);
        var changed = await PatchWebhook.Change(http, commands, reader, found, state => Patch(body, state));

        // This API knows no webhook that is switched off, and so no other way to switch one on.
        if (changed.State is { Status: WebhookStatus.Disabled, DisabledReason: DisabledReason.Gone or DisabledReason.Receiver })
        {
            await WebhookTarget.Run(http, commands, found, static state => Webhook.Decide(state, new Domain.Endpoints.EnableWebhook()));
        }

        return AiozApi.Message("Webhook updated.");
    }

    /// <summary>The same change in the service's own words.</summary>
    private static JsonValue Patch(AiozBody body, Webhook present)
    {
        var patch = new Dictionary<string, object>(StringComparer.Ordinal);
        if (body.Name is { } name)
        {
            patch["label"] = name;
        }

        if (body.Url is { } url)
        {
            patch["url"] = url;
        }

        if (body.Flags.Count > 0)
        {
            patch["event_types"] = AiozEvents.With(present.Configuration!.EventTypes, body.Flags) ?? throw CreateAiozWebhook.NoEvent();
        }

        return JsonValue.Parse(JsonSerializer.SerializeToUtf8Bytes(patch));
    }
}
