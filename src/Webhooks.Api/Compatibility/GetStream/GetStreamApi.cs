using Webhooks.Api.Http;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// What GetStream's server-side clients call to configure webhooks: <c>stream-chat</c> at the root, <c>@stream-io/node-sdk</c>
/// under /api/v2. What each statement of GetStream's documents becomes here: docs/compatibility/getstream.md.
/// </summary>
public static class GetStreamApi
{
    /// <summary>Where all of GetStream's clients ask but <c>stream-chat</c>.</summary>
    internal const string V2 = "/api/v2";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", V2 })
        {
            var api = routes.MapGroup(prefix)
                .ExcludeFromDescription()
                .WithMetadata(new CredentialReader(GetStreamCredentials.Read), new ProblemForm(GetStreamError.Of));
            api.MapGet("/app", GetApp.Handle).RequireScope(Scopes.Read);
            api.MapPatch("/app", UpdateApp.Handle).RequireScope(Scopes.Manage);
            api.MapPost("/check_sqs", CheckQueue.Sqs).RequireScope(Scopes.Manage);
            api.MapPost("/check_sns", CheckQueue.Sns).RequireScope(Scopes.Manage);
        }
    }
}
