using Webhooks.Api.Compatibility.Aioz;
using Webhooks.Api.Compatibility.GetStream;
using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility;

/// <summary>
/// The form of errors where no route says it: at a path of a vendor's API that is not here, or by a method that is not taken.
/// </summary>
internal static class VendorErrors
{
    /// <summary>Every client of GetStream's sends it with every request, <c>stream-chat</c> at the root too.</summary>
    private const string GetStreamHeader = "Stream-Auth-Type";

    /// <returns>Null: problem details.</returns>
    public static ProblemForm? Of(HttpRequest request)
    {
        if (request.Path.StartsWithSegments(GetStreamApi.V2, StringComparison.OrdinalIgnoreCase) || request.Headers.ContainsKey(GetStreamHeader))
        {
            return GetStreamError.Of;
        }

        return request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) ? AiozError.Of : null;
    }
}
