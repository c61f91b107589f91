using System.Text;
using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>
/// The header Authorization as everywhere; where it is empty, the two headers in which AIOZ's clients name public and
/// secret key: the sid and the secret of an API key. Its Node client sends all three, empty where it has nothing to say.
/// </summary>
internal static class AiozCredentials
{
    private const string PublicKey = "stream-public-key";
    private const string SecretKey = "stream-secret-key";
    private const int MaxSecretLength = 1024;

    public static ValueTask<Caller?> Read(HttpContext http)
    {
        var headers = http.Request.Headers;
        var (name, secret) = (headers[PublicKey].ToString(), headers[SecretKey].ToString());
        if (headers.Authorization.ToString().Length > 0 || name.Length == 0 || secret.Length == 0)
        {
            return Authentication.FromAuthorization(http);
        }

        return secret.Length > MaxSecretLength
            ? ValueTask.FromResult<Caller?>(null)
            : http.RequestServices.GetRequiredService<KeyRing>().Authenticate(name, Encoding.UTF8.GetBytes(secret));
    }
}
