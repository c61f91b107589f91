using Webhooks.Api.Http;
using Webhooks.Domain;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// The query names the key (<c>api_key</c>), and the header Authorization holds a token signed with its secret, without
/// "Bearer". GetStream's customers sign tokens of their end users with the same secret and hand them to browsers, so only
/// tokens that say <c>server: true</c>, or nothing but times, their end among them, may configure anything.
/// </summary>
internal static class GetStreamCredentials
{
    private const string Bearer = "Bearer ";

    /// <exception cref="ProblemException">401 or 403, saying why.</exception>
    public static async ValueTask<Caller?> Read(HttpContext http)
    {
        RequestDuration.Begin(http);
        var name = http.Request.Query["api_key"].ToString();
        if (name.Length == 0)
        {
            throw Problems.Refuse(401, "auth.unknown_key", "The query names no API key: api_key is the sid of one of the kind shared_secret.");
        }

        var header = http.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw Problems.Refuse(401, "auth.missing", "The header Authorization is missing: a token signed with the API key's secret.");
        }

        var token = TokenAuthentication.Read(header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : header.Trim());
        var key = await TokenAuthentication.Judge(http, token, name);
        if (!token.IsServer)
        {
            throw Problems.Refuse(403, "auth.not_a_server", "The token is one of an end user; this takes one of a backend, which says server: true, or nothing but times, exp among them.");
        }

        if (key.Caller.Company == CompanyId.Installation)
        {
            throw Problems.Refuse(403, "auth.no_company", "The API key belongs to the installation and to no company, which is what an app is here.");
        }

        http.Features.Set(key);
        return key.Caller;
    }

    /// <summary>The key that signed the request's token; what it configures is signed with it too.</summary>
    public static SharedSecretKey Key(HttpContext http) =>
        http.Features.Get<SharedSecretKey>() ?? throw new InvalidOperationException("The credentials of this request were not read.");
}
