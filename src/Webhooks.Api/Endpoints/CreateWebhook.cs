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

    private static string WithKey(string body) =>
        string.Concat(body.AsSpan().TrimEnd()[..^1], ""","signing_key":{"shared_secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=","label":"Default"}}""");

    private static readonly FieldDoc[] KeyDocs =
    [
        Documentation.Optional("signing_key", "The secret that the receiver already has, as the first signing key. Left out, one is made."),
        Documentation.Required("signing_key.shared_secret", "As for POST /v1/webhooks/{sid}/signing-keys."),
        Documentation.Optional("signing_key.label", $"For people: at most {WebhookTarget.MaxLabelLength} characters; {DefaultKeyLabel} when left out."),
    ];

    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Register a webhook")
        .WithDescription("It is active at once: every event emitted after this answer reaches it. A first signing key is made with it, or given as signing_key, and one for each further scheme that it can't sign for.")
        .TakesSome(WithKey(WebhookDocs.BodyExample), WithKey(WebhookDocs.Whole), [Documentation.Optional("company_sid", "Whose webhook it is. Required with an admin key; else the key's own company."), .. WebhookDocs.Fields, .. KeyDocs])
        .Answers(201, "Registered, with its first signing key.", $$"""{"webhook":{{WebhookAnswer.Example}},"signing_key":{{SigningKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, CommandRunner commands, CompanyQueries companies, WebhookReader reader, SecretSealer sealer)
    {
        var sid = new WebhookId(Guid.CreateVersion7());
        var body = await JsonBody.Read(http);
        var company = ReadCompany(http, body);
        var owner = http.Caller().Sees(company) ? await companies.Find(company, http.RequestAborted) : null;
        var configuration = reader.Read(sid, body, present: null, owner?.Settings.DefaultProfile);
        var first = ReadKey(body, configuration);
        body.Done();
        _ = owner ?? throw Problems.NotFound("company");

        var (view, key) = await Register(http, commands, sealer, sid, company, configuration, first);
        return Wire.Created(http, $"/v1/webhooks/{sid}", view.Version, new { webhook = WebhookAnswer.Of(view, sealer, reveal: true), signing_key = key });
    }

    /// <summary>Registers it with its first signing keys.</summary>
    /// <param name="first">The caller's own; null: all are made here.</param>
    internal static async Task<(WebhookView Webhook, SigningKeyAnswer Key)> Register(
        HttpContext http, CommandRunner commands, SecretSealer sealer, WebhookId sid, CompanyId company, WebhookConfiguration configuration, SigningKeyGiven? first = null)
    {
        var keys = FirstKeys(configuration, sid, sealer, first);
        var command = new Domain.Endpoints.CreateWebhook(company, configuration, keys[0].Key, keys[0].Label, keys[0].Secret) { Kind = keys[0].Kind, FurtherKeys = keys[1..] };
        var outcome = await commands.Run(http, WebhookTarget.Of(sid), company, state => Webhook.Decide(state, command));
        return (
            new WebhookView(sid, outcome.Version, outcome.State, outcome.CreatedAt, outcome.ChangedAt),
            SigningKeyAnswer.OfNew(outcome.State, command.Key, sid, sealer, outcome.ChangedAt));
    }

    /// <summary>The one given, and one made for every scheme that it does not sign for, of each kind. None given: that of the first signature first.</summary>
    private static SigningKeyAdded[] FirstKeys(WebhookConfiguration configuration, WebhookId sid, SecretSealer sealer, SigningKeyGiven? first)
    {
        var unsigned = configuration.SignedWith.Select(s => s.Scheme).Where(s => first is not { } f || SigningSecret.KindFor(s) != f.Kind || !SecretRules.Suits(s, f.Secret));
        IEnumerable<(string Label, SigningKeyKind Kind, string Secret)> made = unsigned.Select(SigningSecret.KindFor).Distinct().Select(kind => (DefaultKeyLabel, kind, NewSigningKey.Make(kind)));
        return
        [
            .. (first is { } given ? made.Prepend((given.Label, given.Kind, given.Secret)) : made).Select(k =>
                new SigningKeyAdded(new SigningKeyId(Guid.CreateVersion7()), k.Label, sealer.Seal(k.Secret, sid.ToString())) { Kind = k.Kind }),
        ];
    }

    /// <summary>Null where none is given.</summary>
    private static SigningKeyGiven? ReadKey(Fields body, WebhookConfiguration configuration)
    {
        if (body.OptionalObject("signing_key") is not { } key)
        {
            return null;
        }

        var secret = key.String("shared_secret", 1, SecretRules.MaxLength);
        var label = key.OptionalString("label", 0, WebhookTarget.MaxLabelLength) ?? DefaultKeyLabel;
        var kind = SigningSecret.KindOf(secret);
        var schemes = configuration.SignedWith.Select(s => s.Scheme).ToList();
        if (secret.Length > 0 && schemes.Count > 0 && !schemes.Exists(s => SigningSecret.KindFor(s) == kind && SecretRules.Suits(s, secret)))
        {
            key.Refuse(SecretRules.Refuse(schemes.Find(s => SigningSecret.KindFor(s) == kind), secret, "shared_secret")
                ?? Refusal.Invalid("shared_secret", "signing_key.kind", "None of the webhook's signatures is made with a key of this kind."));
        }

        return new SigningKeyGiven(label, kind, secret);
    }

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

/// <summary>A first signing key that the caller brings along.</summary>
internal sealed record SigningKeyGiven(string Label, SigningKeyKind Kind, string Secret)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => Label;
}
