using Webhooks.Api.Http;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>GET /metrics, on every node, whatever its role: each tells its own numbers.</summary>
public static class GetMetrics
{
    public static void Map(IEndpointRouteBuilder routes, MetricsAccess access)
    {
        if (access == MetricsAccess.Off)
        {
            return;
        }

        // Made now: it adds up only what is told while it is there.
        var reader = routes.ServiceProvider.GetRequiredService<MetricsReader>();
        var route = routes.MapGet("/metrics", () => Text(reader)).ExcludeFromDescription();
        if (access == MetricsAccess.Admin)
        {
            route.RequireScope(Scopes.Admin);
        }
    }

    private static IResult Text(MetricsReader reader)
    {
        using var text = new StringWriter();
        reader.Write(text);
        return Results.Text(text.ToString(), PrometheusText.ContentType);
    }
}
