using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks</summary>
public static class CreateWebhook
{
    private const string DefaultKeyLabel = "Default";

    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Register a webhook")
        .WithDescription("It is active at once: every event emitted after this answer reaches it. A first signing key is made with it, and one of each kind where its signatures need several.")
        .TakesSome(WebhookDocs.BodyExample, WebhookDocs.Whole, [Documentation.Optional("company_sid", "Whose webhook it is. Required with an admin key; else the key's own company."), .. WebhookDocs.Fields])
        .Answers(201, "Registered, with its first signing key.", $$"""{"webhook":{{WebhookAnswer.Example}},"signing_key":{{SigningKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, CommandRunner commands, CompanyQueries companies, WebhookReader reader, SecretSealer sealer)
    {
        var sid = new WebhookId(Guid.CreateVersion7());
        var body = await JsonBody.Read(http);
        var company = ReadCompany(http, body);
        var owner = http.Caller().Sees(company) ? await companies.Find(company, http.RequestAborted) : null;
        var configuration = reader.Read(sid, body, present: null, owner?.Settings.DefaultProfile);
        body.Done();
        _ = owner ?? throw Problems.NotFound("company");

        var (view, key) = await Register(http, commands, sealer, sid, company, configuration);
        return Wire.Created(http, $"/v1/webhooks/{sid}", view.Version, new { webhook = WebhookAnswer.Of(view, sealer, reveal: true), signing_key = key });
    }

    /// <summary>Registers it with first signing keys made here.</summary>
    internal static async Task<(WebhookView Webhook, SigningKeyAnswer Key)> Register(
        HttpContext http, CommandRunner commands, SecretSealer sealer, WebhookId sid, CompanyId company, WebhookConfiguration configuration)
    {
        var keys = FirstKeys(configuration, sid, sealer);
        var command = new Domain.Endpoints.CreateWebhook(company, configuration, keys[0].Key, DefaultKeyLabel, keys[0].Secret) { Kind = keys[0].Kind, FurtherKeys = keys[1..] };
        var outcome = await commands.Run(http, WebhookTarget.Of(sid), company, state => Webhook.Decide(state, command));
        return (
            new WebhookView(sid, outcome.Version, outcome.State, outcome.CreatedAt, outcome.ChangedAt),
            SigningKeyAnswer.OfNew(outcome.State, command.Key, sid, sealer, outcome.ChangedAt));
    }

    /// <summary>One for every kind that its signatures are made with, that of the first signature first.</summary>
    private static SigningKeyAdded[] FirstKeys(WebhookConfiguration configuration, WebhookId sid, SecretSealer sealer) =>
    [
        .. configuration.SignedWith.Select(s => SigningSecret.KindFor(s.Scheme)).Distinct().Select(kind =>
            new SigningKeyAdded(new SigningKeyId(Guid.CreateVersion7()), DefaultKeyLabel, sealer.Seal(NewSigningKey.Make(kind), sid.ToString())) { Kind = kind }),
    ];

    private static CompanyId ReadCompany(HttpContext http, Fields body)
    {
        var given = body.OptionalSid<CompanyId>("company_sid");
        if (http.Caller().IsAdmin && body.Presence("company_sid") != Presence.Value)
        {
            body.Refuse("company_sid", "field.required", "Is required with an admin key.");
        }

        return given ?? http.Caller().Company;
    }
}
