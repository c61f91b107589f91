using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Operations;

/// <summary>GET /v1/admin/projections</summary>
public static class ListProjections
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/admin/projections", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("Operations")
        .WithSummary("List read models")
        .WithDescription("How far each has come with the log, and how its last rebuild went. Progress of a rebuild is told by the node that makes it.")
        .Answers(200, "All of them.", $$"""{"projections":[{{ProjectionAnswer.Example}}]}""");

    private static async Task<IResult> Handle(HttpContext http, ProjectionWorker worker, Rebuilds rebuilds)
    {
        new Query(http).Done();
        return Results.Json(new { projections = await All(worker, rebuilds, http.RequestAborted) }, Wire.Json);
    }

    internal static async Task<IReadOnlyList<ProjectionAnswer>> All(ProjectionWorker worker, Rebuilds rebuilds, CancellationToken ct) =>
    [
        ProjectionAnswer.OfLog(await worker.Deliveries.GetProgress(ct), rebuilds.Last(RebuildParts.Deliveries)),
        ProjectionAnswer.OfTransaction(RebuildParts.Registrations, rebuilds.Last(RebuildParts.Registrations)),
    ];
}
