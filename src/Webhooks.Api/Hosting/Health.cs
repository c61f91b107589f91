using Npgsql;
using Webhooks.Api.Http;

namespace Webhooks.Api.Hosting;

/// <summary>For load balancers and supervisors; needs no key.</summary>
public static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", Live)
            .WithTags("Health").WithSummary("Is the process up").WithDescription("Answers without asking the database: a failure means the process should be restarted.")
            .Answers(200, "It is up.", """{"status":"ok"}""");
        routes.MapGet("/readyz", Ready)
            .WithTags("Health").WithSummary("Can the service do its work").WithDescription("Asks the database, whose schema was brought up to date before the service began to listen: a failure means traffic should go elsewhere.")
            .Answers(200, "The database answers.", """{"status":"ok"}""");

        // What many who look after others ask with; the server leaves the body out.
        routes.MapMethods("/healthz", [HttpMethods.Head], Live).ExcludeFromDescription();
        routes.MapMethods("/readyz", [HttpMethods.Head], Ready).ExcludeFromDescription();
    }

    private static IResult Live() => Results.Json(new { status = "ok" }, Wire.Json);

    private static async Task<IResult> Ready(HttpContext http, NpgsqlDataSource database)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(patience.Token);
            return Results.Json(new { status = "ok" }, Wire.Json);
        }
        catch (Exception e) when (e is NpgsqlException || (e is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            return new Problem(503, "database.unavailable", "The database does not answer.") { RetryAfterSeconds = 2 };
        }
    }
}
