using System.Text.Json;
using Webhooks.Api.Companies;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>PATCH /v1/webhooks/{sid}</summary>
public static class PatchWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapPatch("/webhooks/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Change a webhook's configuration")
        .WithDescription("JSON Merge Patch (RFC 7396): what is left out stays, null goes back to the default, arrays are replaced as a whole. A retry_policy, an auth or a destination of another kind replaces the present one; without kind its fields are merged; filter and shape are replaced as a whole. A patch that names profile sets anew what a profile chooses, unless it says so beside it; one that names signature_scheme or signatures replaces the other of the two.")
        .TakesSome("""{"label":"Media, new","max_attempts":10}""", WebhookDocs.Whole, WebhookDocs.Fields.Select(f => f.InPatch()).ToArray())
        .Answers(200, "The webhook as it is now.", $$"""{"webhook":{{WebhookAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CompanyQueries companies, CommandRunner commands, WebhookReader reader, SecretSealer sealer)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var patch = JsonValue.Parse(await JsonBody.ReadBytes(http, JsonBody.MaxCommandBytes));
        var byDefault = await CompanyTarget.DefaultProfile(http, companies, found.State.Company);
        return WebhookTarget.Show(http, await Change(http, commands, reader, found, _ => patch, byDefault), sealer);
    }

    /// <param name="patch">Of the state that is changed: it may be asked several times.</param>
    /// <param name="byDefault">See <see cref="WebhookReader.Read"/>.</param>
    /// <exception cref="ProblemException">Refused; nothing was changed.</exception>
    internal static Task<WebhookView> Change(
        HttpContext http, CommandRunner commands, WebhookReader reader, WebhookView found, Func<Webhook, JsonValue> patch, WebhookProfile? byDefault = null) =>
        WebhookTarget.Run(http, commands, found, state => reader.Replace(found.Id, state, MergePatch.Apply(Present(found.Id, state, reader), patch(state), Superseded), byDefault));

    /// <summary>What a patch says anew by naming another member.</summary>
    private static string[] Superseded(string named) => named switch
    {
        "profile" => ["signature_scheme", "signatures", "body_framing", "retry_policy", "timeout_ms", "max_attempts"],
        "signature_scheme" => ["signatures"],
        "signatures" => ["signature_scheme"],
        _ => [],
    };

    /// <summary>The configuration as a PUT would send it; it stays inside.</summary>
    internal static JsonValue Present(WebhookId id, Webhook state, WebhookReader reader)
    {
        var configuration = state.Configuration ?? throw new ArgumentException("Only a registered webhook can be changed.", nameof(state));
        return JsonValue.Parse(JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                configuration.Label,
                // Beside a destination it follows from that one, which the patch may change.
                Url = configuration.Destination is null ? configuration.Url : null,
                configuration.Method,
                configuration.TimeoutMs,
                configuration.MaxAttempts,
                Headers = reader.Open(id, configuration).Select(h => new HeaderAnswer(h.Name, h.Value, h.Signed)),
                configuration.EventTypes,
                configuration.Profile,
                configuration.SignatureScheme,
                configuration.Signatures,
                configuration.BodyFraming,
                configuration.ApiKey,
                configuration.RetryPolicy,
                configuration.Ordering,
                configuration.OnExhausted,
                configuration.SequenceNumbers,
                Destination = DestinationAnswer.Of(configuration.Destination),
                Auth = AuthAnswer.Of(configuration.Auth),
                Transport = TransportAnswer.Of(configuration.Transport),
                configuration.Channels,
                configuration.Filter,
                configuration.Shape,
                configuration.Limits,
            },
            Wire.Json));
    }
}
