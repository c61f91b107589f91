using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>Finds the webhook that a path names, and runs commands on it.</summary>
internal static class WebhookTarget
{
    public const int MaxLabelLength = 200;

    public static Target<Webhook, WebhookFact> Of(WebhookId webhook) => new(webhook.Value, Webhook.Unknown, Webhook.Evolve);

    /// <exception cref="ProblemException">404: not a sid, not there, deleted, or another company's.</exception>
    public static async Task<WebhookView> Find(HttpContext http, WebhookQueries webhooks, string sid)
    {
        var view = await FindEvenDeleted(http, webhooks, sid);
        return view.State.Status == WebhookStatus.Deleted ? throw Problems.NotFound("webhook") : view;
    }

    /// <exception cref="ProblemException">404: not a sid, never there, or another company's.</exception>
    public static async Task<WebhookView> FindEvenDeleted(HttpContext http, WebhookQueries webhooks, string sid)
    {
        var id = Sid.TryParse<WebhookId>(sid, out var parsed) ? parsed : throw Problems.NotFound("webhook");
        var view = await webhooks.One(id, http.RequestAborted) ?? throw Problems.NotFound("webhook");
        http.Caller().RequireSight(view.State.Company, "webhook");
        return view;
    }

    /// <summary>Runs a command on a webhook that <see cref="Find"/> found: its company never changes, everything else is decided anew.</summary>
    public static async Task<WebhookView> Run(HttpContext http, CommandRunner commands, WebhookView found, Func<Webhook, Decision> decide)
    {
        var outcome = await commands.Run(http, Of(found.Id), found.State.Company, decide, RefuseDeleted);
        return new WebhookView(found.Id, outcome.Version, outcome.State, outcome.CreatedAt, outcome.ChangedAt);
    }

    /// <summary>200 with the webhook, as the caller may see it.</summary>
    public static IResult Show(HttpContext http, WebhookView view, SecretSealer sealer) =>
        Wire.Ok(http, view.Version, new { webhook = WebhookAnswer.Of(view, sealer, reveal: http.Caller().May(Scopes.Manage)) });

    private static Refusal? RefuseDeleted(Webhook state) => state.Status is WebhookStatus.Deleted or WebhookStatus.Unknown ? Refusal.NotFound("webhook") : null;
}
