using System.Collections.Immutable;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Companies;

public abstract record CompanyCommand;
public sealed record RegisterCompany(string Code, string Name) : CompanyCommand;

/// <summary>Exactly one of both secrets is given.</summary>
public sealed record IssueApiKey(ApiKeyId Key, string Label, Scopes Scopes, byte[]? SecretHash, SealedSecret? SharedSecret = null) : CompanyCommand;

public sealed record RevokeApiKey(ApiKeyId Key) : CompanyCommand;
public sealed record ChangeCompanySettings(CompanySettings Settings) : CompanyCommand;

/// <summary>A customer of the platform, and the keys that speak for it. Stream: the company's id.</summary>
public sealed record Company(string? Code, string? Name, ImmutableDictionary<ApiKeyId, ApiKey> Keys)
{
    /// <summary>Revoked keys stay in the state, so that revoking twice is told apart from revoking nothing.</summary>
    public const int MaxActiveKeys = 100;
    public const int MaxWeight = 100;
    public const int MaxCodeLength = 64;
    public const int MaxNameLength = 200;
    public const int MaxLabelLength = 200;

    /// <summary>What a customer's key may carry. Admin reaches over all companies, so only the installation issues it.</summary>
    public const Scopes CustomerScopes = Scopes.Emit | Scopes.Manage | Scopes.Read;

    public static readonly Company Unknown = new(null, null, ImmutableDictionary<ApiKeyId, ApiKey>.Empty);

    /// <summary>The stream of the installation's own keys; it is never registered.</summary>
    public static readonly Company Installation = Unknown with { Code = "", Name = "" };

    public CompanySettings Settings { get; init; } = CompanySettings.None;

    private bool IsInstallation => Code is "";

    public static Decision Decide(Company state, CompanyCommand command) => (command, state.Code) switch
    {
        (RegisterCompany c, null) => CompanyRules.Validate(c) is { } refusal ? refusal : new CompanyRegistered(c.Code, c.Name),
        (RegisterCompany c, _) when c.Code == state.Code && c.Name == state.Name => Decision.AlreadySo,
        (RegisterCompany, _) => Refusal.Conflict("company.exists", "This company is registered already, with another code or name."),
        (_, null) => Refusal.NotFound("company"),
        (ChangeCompanySettings, "") => Refusal.NotFound("company"),
        (ChangeCompanySettings c, _) => DecideSettings(state, c.Settings),
        (IssueApiKey c, _) => DecideIssue(state, c),
        (RevokeApiKey c, _) => state.Keys.TryGetValue(c.Key, out var key)
            ? key.Revoked ? Decision.AlreadySo : new ApiKeyRevoked(c.Key)
            : Refusal.NotFound("api_key"),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule for this command."),
    };

    private static Decision DecideIssue(Company state, IssueApiKey c)
    {
        var issued = new ApiKeyIssued(c.Key, c.Label, c.Scopes, c.SecretHash) { SharedSecret = c.SharedSecret };
        if (state.Keys.TryGetValue(c.Key, out var existing))
        {
            return existing.Issued == issued
                ? Decision.AlreadySo
                : Refusal.Conflict("api_key.exists", "A key of this id exists with another label, other scopes or another secret.");
        }

        if (CompanyRules.Validate(c, state.IsInstallation ? CustomerScopes | Scopes.Admin : CustomerScopes) is { } refusal)
        {
            return refusal;
        }

        return state.Keys.Values.Count(k => !k.Revoked) >= MaxActiveKeys
            ? Refusal.Conflict("company.too_many_keys", $"A company has at most {MaxActiveKeys} active keys; revoke one first.")
            : issued;
    }

    private static Decision DecideSettings(Company state, CompanySettings settings) =>
        CompanyRules.Validate(settings) is { } refusal ? refusal
        : settings == state.Settings ? Decision.AlreadySo
        : new CompanySettingsChanged(settings);

    public static Company Evolve(Company state, CompanyFact fact) => fact switch
    {
        CompanyRegistered f => state with { Code = f.Code, Name = f.Name },
        ApiKeyIssued f => state with { Keys = state.Keys.SetItem(f.Key, new ApiKey(f, Revoked: false)) },
        ApiKeyRevoked f => state with { Keys = state.Keys.SetItem(f.Key, state.Keys[f.Key] with { Revoked = true }) },
        CompanySettingsChanged f => state with { Settings = f.Settings },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "No rule for this fact."),
    };
}

/// <summary>Kept as it was issued, so that issuing it again is told apart from another key under its id.</summary>
public readonly record struct ApiKey(ApiKeyIssued Issued, bool Revoked);
