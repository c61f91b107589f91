using Webhooks.Domain;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Http;

/// <summary>Who speaks: an API key, its company, and what it may do. One instance per key, shared by all requests.</summary>
public sealed record Caller(ApiKeyId Key, CompanyId Company, Scopes Scopes)
{
    public bool IsAdmin => Scopes.HasFlag(Scopes.Admin);

    /// <summary>Admin carries all scopes.</summary>
    public bool May(Scopes scope) => IsAdmin || Scopes.HasFlag(scope);

    /// <summary>Whether this company's resources exist for the caller at all.</summary>
    public bool Sees(CompanyId company) => IsAdmin || Company == company;
}

/// <summary>What the service knows about one request besides HTTP: set by the first middleware, completed by authentication.</summary>
public sealed class Call(Guid correlation)
{
    private Caller? _caller;

    /// <summary>Stands in the answer's Request-Id, in problems, and in every fact that the request caused.</summary>
    public Guid Correlation { get; } = correlation;

    /// <exception cref="InvalidOperationException">The route does not require a scope, so nobody was authenticated.</exception>
    public Caller Caller
    {
        get => _caller ?? throw new InvalidOperationException("No caller: the route lacks RequireScope.");
        set => _caller = value;
    }

    /// <summary>A change was saved for this request: should it fail now, nobody may say that nothing was changed.</summary>
    public bool HasSaved { get; set; }
}

public static class CallExtensions
{
    public static Call Call(this HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Call>() ?? throw new InvalidOperationException("The correlation middleware has not run.");
    }

    public static Caller Caller(this HttpContext http) => http.Call().Caller;
}
