using System.Text;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Http;

/// <summary>Metadata of a route: who calls it must hold this scope.</summary>
public sealed record RequiredScope(Scopes Scope);

/// <summary>Metadata of routes whose callers say who they are in a way of their own.</summary>
/// <returns>Who calls; null when the credentials are none.</returns>
public delegate ValueTask<Caller?> CredentialReader(HttpContext http);

/// <summary>
/// Basic with the key's name and secret, or Bearer with both joined by a dot, or Bearer with a token signed with a shared secret.
/// Runs for every emit, so known keys are judged without allocations.
/// </summary>
public static class Authentication
{
    public const string Challenge = "Basic realm=\"webhooks\", charset=\"UTF-8\", Bearer realm=\"webhooks\"";
    private const int MaxHeaderLength = 1024;
    private const string Basic = "Basic ";
    private const string Bearer = "Bearer ";

    public static TBuilder RequireScope<TBuilder>(this TBuilder route, Scopes scope) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RequiredScope(scope));

    /// <summary>After routing: judges routes that require a scope.</summary>
    public static IApplicationBuilder UseKeyAuthentication(this IApplicationBuilder app) => app.Use((http, next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is { } required ? Authorize(http, required.Scope, next) : next(http));

    /// <summary>The caller whom the header Authorization names; null when it names none.</summary>
    /// <exception cref="ProblemException">401: there is no such header, or a token in it that does not hold.</exception>
    public static ValueTask<Caller?> FromAuthorization(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var header = http.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw Problems.Refuse(401, "auth.missing", "An API key is needed: Basic with its sid and secret, Bearer with both joined by a dot, or Bearer with a token signed with its shared secret.");
        }

        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && Jwt.IsOne(header.AsSpan(Bearer.Length).Trim())
            ? OfToken(http, TokenAuthentication.Read(header[Bearer.Length..].Trim()))
            : Authenticate(http.RequestServices.GetRequiredService<KeyRing>(), header);
    }

    private static async ValueTask<Caller?> OfToken(HttpContext http, Jwt token) => (await TokenAuthentication.Judge(http, token, token.KeyId ?? token.Issuer)).Caller;

    private static async Task Authorize(HttpContext http, Scopes scope, RequestDelegate next)
    {
        var read = http.GetEndpoint()?.Metadata.GetMetadata<CredentialReader>() ?? FromAuthorization;
        var caller = await read(http) ?? throw Problems.Refuse(401, "auth.invalid", "There is no such API key, or its secret is another, or it was revoked.");
        if (!caller.May(scope))
        {
            throw Problems.Refuse(403, "auth.scope", $"This needs a key with the scope '{EnumNames<Scopes>.Of(scope)}'.");
        }

        http.Call().Caller = caller;
        await next(http);
    }

    private static ValueTask<Caller?> Authenticate(KeyRing keys, ReadOnlySpan<char> header)
    {
        if (header.Length > MaxHeaderLength)
        {
            return default;
        }

        return header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) ? AuthenticateBasic(keys, header[Basic.Length..].Trim())
            : header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? AuthenticateText(keys, header[Bearer.Length..].Trim(), '.')
            : default;
    }

    private static ValueTask<Caller?> AuthenticateBasic(KeyRing keys, ReadOnlySpan<char> credentials)
    {
        Span<byte> bytes = stackalloc byte[MaxHeaderLength];
        Span<char> text = stackalloc char[MaxHeaderLength];
        return Convert.TryFromBase64Chars(credentials, bytes, out var length) && Encoding.UTF8.TryGetChars(bytes[..length], text, out var chars)
            ? AuthenticateText(keys, text[..chars], ':')
            : default;
    }

    private static ValueTask<Caller?> AuthenticateText(KeyRing keys, ReadOnlySpan<char> text, char separator)
    {
        var split = text.IndexOf(separator);
        if (split < 0)
        {
            return default;
        }

        Span<byte> secret = stackalloc byte[MaxHeaderLength * 3];
        var length = Encoding.UTF8.GetBytes(text[(split + 1)..], secret);
        return keys.Authenticate(text[..split], secret[..length]);
    }
}

/// <summary>Keeps companies apart: what belongs to another one does not exist.</summary>
public static class CompanyScope
{
    /// <exception cref="ProblemException">404, naming <paramref name="what"/>.</exception>
    public static void RequireSight(this Caller caller, Domain.CompanyId company, string what)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!caller.Sees(company))
        {
            throw Problems.NotFound(what);
        }
    }
}
