using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>
/// AIOZ Stream's webhook API: the company's webhooks of the profile aiozstream, in that vendor's words. Whatever it does
/// can be done and seen in the service's own API too.
/// </summary>
public static class AiozApi
{
    /// <summary>Its Node client compares the content type as a whole: a charset would make it fail.</summary>
    private const string ContentType = "application/json";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/api/webhooks")
            .WithMetadata(new CredentialReader(AiozCredentials.Read), new ProblemForm(AiozError.Of))
            .WithTags("AIOZ Stream");
        CreateAiozWebhook.Map(webhooks);
        GetAiozWebhook.Map(webhooks);
        ListAiozWebhooks.Map(webhooks);
        UpdateAiozWebhook.Map(webhooks);
        DeleteAiozWebhook.Map(webhooks);
        CheckAiozWebhook.Map(webhooks);
    }

    internal static IResult Data(object data, int status = StatusCodes.Status200OK) => Json(new { status = "success", data }, status);

    internal static IResult Message(string message) => Json(new { status = "success", message }, StatusCodes.Status200OK);

    internal static IResult Json(object body, int status) => Results.Json(body, Wire.Json, ContentType, status);
}
