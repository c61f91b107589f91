using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>Finds the webhook that a path names by its UUID.</summary>
internal static class AiozTarget
{
    /// <exception cref="ProblemException">400: not a UUID. 404: not there, another company's, or of another profile.</exception>
    public static async Task<WebhookView> Find(HttpContext http, WebhookQueries webhooks, string id)
    {
        if (!Guid.TryParseExact(id, "D", out var uuid))
        {
            throw Problems.Refuse(400, "webhook.id", "The webhook's id is not a UUID.");
        }

        _ = Company(http);
        var found = await WebhookTarget.Find(http, webhooks, new WebhookId(uuid).ToString());
        return found.State.Configuration?.Profile == WebhookProfile.AiozStream ? found : throw Problems.NotFound("webhook");
    }

    /// <summary>The API knows one user: the company whose key it is.</summary>
    /// <exception cref="ProblemException">403: the installation's own key belongs to no company.</exception>
    public static CompanyId Company(HttpContext http) => http.Caller().Company is var company && company != CompanyId.Installation
        ? company
        : throw Problems.Refuse(403, "auth.company", "This API acts for one company: use a key of that company.");
}
