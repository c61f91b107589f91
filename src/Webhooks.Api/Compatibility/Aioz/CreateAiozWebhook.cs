using System.Text.Json;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>POST /api/webhooks</summary>
public static class CreateAiozWebhook
{
    /// <summary>AIOZ's own choice for webhooks without a name.</summary>
    private const string DefaultName = "default-name-webhook";

    public static void Map(RouteGroupBuilder webhooks) => webhooks.MapPost("", Handle)
        .RequireScope(Scopes.Manage)
        .WithSummary("Register a webhook")
        .WithDescription("Of the profile aiozstream. At least one event must be chosen. The signing key is read from the service's own API.")
        .Takes(AiozBody.Example, AiozBody.Docs)
        .Answers(201, "Registered.", $$"""{"status":"success","data":{"webhook":{{AiozWebhookAnswer.Example}} } }""");

    private static async Task<IResult> Handle(HttpContext http, CommandRunner commands, WebhookReader reader, SecretSealer sealer)
    {
        var company = AiozTarget.Company(http);
        var body = await AiozBody.Read(http, isNew: true);
        var sid = new WebhookId(Guid.CreateVersion7());
        var fields = Fields.Of(JsonValue.Parse(JsonSerializer.SerializeToUtf8Bytes(new
        {
            label = body.Name is { Length: > 0 } name ? name : DefaultName,
            url = body.Url,
            event_types = Chosen(body),
            profile = "aiozstream",
        })));
        var configuration = reader.Read(sid, fields, present: null);
        fields.Done();

        var (view, _) = await CreateWebhook.Register(http, commands, sealer, sid, company, configuration);
        return AiozApi.Data(new { webhook = AiozWebhookAnswer.Of(view, lastTriggeredAt: null) }, StatusCodes.Status201Created);
    }

    private static List<string> Chosen(AiozBody body)
    {
        var types = AiozEvents.All.Where(e => body.Flags.GetValueOrDefault(e.Flag)).Select(e => e.Type).ToList();
        return types.Count > 0 ? types : throw NoEvent();
    }

    internal static ProblemException NoEvent() => Problems.Refuse(400, "webhook.no_event", "At least one event must be selected.");
}
