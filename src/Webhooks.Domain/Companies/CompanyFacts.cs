namespace Webhooks.Domain.Companies;

public abstract record CompanyFact : Fact;

/// <param name="Code">Unique over the installation; the name by which the platform knows its customer.</param>
public sealed record CompanyRegistered(string Code, string Name) : CompanyFact;

/// <param name="SecretHash">SHA-256 of the secret, which itself is shown once and kept nowhere.</param>
public sealed record ApiKeyIssued(ApiKeyId Key, string Label, Scopes Scopes, byte[] SecretHash) : CompanyFact
{
    public bool Equals(ApiKeyIssued? other) =>
        other is not null && (Key, Label, Scopes) == (other.Key, other.Label, other.Scopes) && SecretHash.AsSpan().SequenceEqual(other.SecretHash);

    public override int GetHashCode() => HashCode.Combine(Key, Label, Scopes);
}

public sealed record ApiKeyRevoked(ApiKeyId Key) : CompanyFact;
