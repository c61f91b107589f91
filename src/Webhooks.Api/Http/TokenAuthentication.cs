namespace Webhooks.Api.Http;

/// <summary>Judges tokens that were signed with the secret of an API key of the kind <c>shared_secret</c>.</summary>
public static class TokenAuthentication
{
    /// <param name="keyName">The key's sid; null where the request names none.</param>
    /// <returns>The key that signed the token.</returns>
    /// <exception cref="ProblemException">401, saying which: no such key, another signature, expired, not yet valid.</exception>
    public static async ValueTask<SharedSecretKey> Judge(HttpContext http, Jwt token, string? keyName)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(token);
        if (keyName is null)
        {
            throw Problems.Refuse(401, "auth.unknown_key", "The token does not name its API key: by kid in its header, or by iss.");
        }

        var services = http.RequestServices;
        var key = await services.GetRequiredService<KeyRing>().FindShared(keyName)
            ?? throw Problems.Refuse(401, "auth.unknown_key", "There is no such API key, or it was revoked, or it is not of the kind shared_secret.");
        return token.Judge(key.Secret, services.GetRequiredService<TimeProvider>().GetUtcNow()) switch
        {
            JwtVerdict.Valid => key,
            JwtVerdict.Expired => throw Problems.Refuse(401, "auth.token_expired", "The token has expired."),
            JwtVerdict.NotYetValid => throw Problems.Refuse(401, "auth.token_not_yet_valid", "The token is not valid yet."),
            _ => throw Problems.Refuse(401, "auth.token_signature", "The token was not signed with the secret of the API key that it names."),
        };
    }

    /// <exception cref="ProblemException">401: not a token, or none signed with HS256.</exception>
    public static Jwt Read(string text) => Jwt.Read(text)
        ?? throw Problems.Refuse(401, "auth.token", $"The token can't be read: it must be a JSON Web Token of at most {Jwt.MaxLength} characters, signed with HS256.");
}
