namespace Webhooks.Domain.Signing;

/// <summary>One of the signatures that every request of a webhook carries.</summary>
public sealed record SignatureSettings(SignatureScheme Scheme)
{
    /// <summary>How it is made where the scheme is <see cref="SignatureScheme.Custom"/>; null for every other.</summary>
    public CustomSignature? Custom { get; init; }
}
