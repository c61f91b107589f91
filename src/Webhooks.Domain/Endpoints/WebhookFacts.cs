using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

public abstract record WebhookFact : Fact;

public sealed record WebhookCreated(CompanyId Company, WebhookConfiguration Configuration) : WebhookFact;

/// <summary>The whole configuration as it is from now on; what changed is the difference from the fact before.</summary>
public sealed record WebhookUpdated(WebhookConfiguration Configuration) : WebhookFact;

public sealed record WebhookEnabled : WebhookFact;

public sealed record WebhookDisabled(DisabledReason Reason) : WebhookFact;

public sealed record WebhookDeleted : WebhookFact;

public sealed record SigningKeyAdded(SigningKeyId Key, string Label, SealedSecret Secret) : WebhookFact;

/// <summary>A new key signs from now on; the keys before it sign too until <paramref name="PreviousValidUntil"/>.</summary>
public sealed record SigningKeyRotated(SigningKeyId Key, string Label, SealedSecret Secret, DateTimeOffset PreviousValidUntil) : WebhookFact;

public sealed record SigningKeyRetired(SigningKeyId Key) : WebhookFact;
