using System.Text.Json.Serialization;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Companies;

public abstract record CompanyFact : Fact;

/// <summary>The platform got a customer: from now on keys can be issued for it.</summary>
/// <param name="Code">Unique over the installation; the name by which the platform knows its customer.</param>
public sealed record CompanyRegistered(string Code, string Name) : CompanyFact;

/// <summary>A key may speak for the company, within its scopes.</summary>
/// <param name="SecretHash">SHA-256 of the secret, which itself is shown once and kept nowhere. Null for a shared secret.</param>
public sealed record ApiKeyIssued(ApiKeyId Key, string Label, Scopes Scopes, byte[]? SecretHash) : CompanyFact
{
    /// <summary>The secret itself, sealed for the key: both sides sign with it, so its hash would not do. Null where there is a hash.</summary>
    public SealedSecret? SharedSecret { get; init; }

    [JsonIgnore]
    public ApiKeyKind Kind => SharedSecret is null ? ApiKeyKind.Hashed : ApiKeyKind.SharedSecret;

    public bool Equals(ApiKeyIssued? other) =>
        other is not null
        && (Key, Label, Scopes, SharedSecret) == (other.Key, other.Label, other.Scopes, other.SharedSecret)
        && SecretHash.AsSpan().SequenceEqual(other.SecretHash);

    public override int GetHashCode() => HashCode.Combine(Key, Label, Scopes);
}

/// <summary>How the service keeps a key's secret.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApiKeyKind>))]
public enum ApiKeyKind
{
    /// <summary>As a hash: it recognises the secret, and could not tell it.</summary>
    [JsonStringEnumMemberName("hashed")]
    Hashed,

    /// <summary>Encrypted: it signs with the secret, and verifies what the other side signed with it.</summary>
    [JsonStringEnumMemberName("shared_secret")]
    SharedSecret,
}

/// <summary>The key opens nothing any more, and never will again.</summary>
public sealed record ApiKeyRevoked(ApiKeyId Key) : CompanyFact;

/// <summary>The settings as they are from now on, as a whole; what changed is the difference from the fact before.</summary>
public sealed record CompanySettingsChanged(CompanySettings Settings) : CompanyFact;

/// <summary>What holds for all webhooks of a company that do not say otherwise.</summary>
public sealed record CompanySettings
{
    public static readonly CompanySettings None = new();

    /// <summary>Null: the installation's.</summary>
    public RetryPolicy? DefaultRetryPolicy { get; init; }

    /// <summary>Starts of its deliveries for each start of a company of weight 1, while both wait: 1 to 100. Null: 1.</summary>
    public int? Weight { get; init; }

    /// <summary>Whether hooks that are made over GetStream's API get their bodies compressed. Null: they don't.</summary>
    public bool? CompressHooks { get; init; }

    /// <summary>For webhooks whose registration names neither a profile nor a signature. Null: none.</summary>
    public WebhookProfile? DefaultProfile { get; init; }

    /// <summary>What the company's events have to do with the event catalogue. Null: nothing, unless a type is enforced by itself.</summary>
    public CatalogueEnforcement? EventCatalogue { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<CatalogueEnforcement>))]
public enum CatalogueEnforcement
{
    /// <summary>Only events of defined types are accepted.</summary>
    [JsonStringEnumMemberName("types")]
    Types,

    /// <summary>As types, and their payloads fit the schemas, whether a type is enforced by itself or not.</summary>
    [JsonStringEnumMemberName("schemas")]
    Schemas,
}
