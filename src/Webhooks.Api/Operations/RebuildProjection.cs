using Webhooks.Api.Http;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Operations;

/// <summary>POST /v1/admin/projections/{name}/~rebuild</summary>
public static class RebuildProjection
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/admin/projections/{name}/~rebuild", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("Operations")
        .WithSummary("Rebuild a read model from the log")
        .WithDescription("Beside the running service: the present rows are read until the new ones take their place; nothing is sent. Progress stands in GET /v1/admin/projections. One at a time (409). The schedule of deliveries is rebuilt with all nodes stopped: ./run rebuild.")
        .Answers(202, "Begun.", $$"""{"projection":{{ProjectionAnswer.ExampleRebuilding}}}""");

    private static async Task<IResult> Handle(HttpContext http, string name, ProjectionWorker worker, Rebuilds rebuilds)
    {
        new Query(http).Done();
        (await JsonBody.ReadOptional(http)).Done();
        if (!Rebuilds.Knows(name))
        {
            throw Problems.NotFound("projection");
        }

        if (!await rebuilds.Start(name))
        {
            throw Problems.Refuse(409, "rebuild.running", "A rebuild is under way already, perhaps on another node; wait for its end.");
        }

        var projections = await ListProjections.All(worker, rebuilds, http.RequestAborted);
        return Results.Json(new { projection = projections.Single(p => p.Name == name) }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
    }
}
