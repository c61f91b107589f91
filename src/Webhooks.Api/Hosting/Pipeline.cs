using Webhooks.Api.Catalogue;
using Webhooks.Api.Companies;
using Webhooks.Api.Compatibility;
using Webhooks.Api.Compatibility.Aioz;
using Webhooks.Api.Compatibility.GetStream;
using Webhooks.Api.Deliveries;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Api.Operations;
using Webhooks.Api.Operations.Metrics;

namespace Webhooks.Api.Hosting;

/// <summary>The way of a request: correlation, problems, routing, the key, the slice.</summary>
public static class Pipeline
{
    public static void Use(WebApplication app, WebhooksOptions options)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        app.UseCorrelation();
        app.UseMiddleware<ProblemMiddleware>((Func<HttpRequest, ProblemForm?>)VendorErrors.Of);
        app.UseRouting();
        app.UseKeyAuthentication();
        Health.Map(app);
        GetMetrics.Map(app, options.Telemetry.Metrics);
        OpenApiDocument.Map(app);
        if (options.Role != Role.Worker)
        {
            MapApi(app.MapGroup("/v1"));
            AiozApi.Map(app);
            GetStreamApi.Map(app);
        }
    }

    /// <summary>Every slice, by capability.</summary>
    private static void MapApi(RouteGroupBuilder api)
    {
        RegisterCompany.Map(api);
        GetCompany.Map(api);
        ListCompanies.Map(api);
        ChangeCompanySettings.Map(api);
        IssueCompanyApiKey.Map(api);
        ListApiKeys.Map(api);
        RevokeCompanyApiKey.Map(api);

        EmitEvent.Map(api);
        EmitBatch.Map(api);
        GetEvent.Map(api);
        CancelEvent.Map(api);
        ListEvents.Map(api);

        DefineEventType.Map(api);
        ImportEventTypes.Map(api);
        ListEventTypes.Map(api);
        GetEventType.Map(api);
        GetEventTypeVersions.Map(api);
        ReplaceEventType.Map(api);
        PatchEventType.Map(api);
        DeprecateEventType.Map(api);
        ReinstateEventType.Map(api);
        DeleteEventType.Map(api);
        AskAudience.Map(api);

        ListDeliveries.Map(api);
        GetDelivery.Map(api);
        ListAttempts.Map(api);
        RetryDelivery.Map(api);
        SkipDelivery.Map(api);

        ListProjections.Map(api);
        RebuildProjection.Map(api);

        CreateWebhook.Map(api);
        GetWebhook.Map(api);
        ListWebhooks.Map(api);
        ReplaceWebhook.Map(api);
        PatchWebhook.Map(api);
        DeleteWebhook.Map(api);
        EnableWebhook.Map(api);
        DisableWebhook.Map(api);
        TestWebhook.Map(api);
        TestFilter.Map(api);
        GetWebhookHistory.Map(api);
        AddSigningKey.Map(api);
        ListSigningKeys.Map(api);
        GetSigningKey.Map(api);
        RotateSigningKey.Map(api);
        RetireSigningKey.Map(api);
        ListPublicKeys.Map(api);
    }
}
