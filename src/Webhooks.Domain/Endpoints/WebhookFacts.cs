using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

public abstract record WebhookFact : Fact;

/// <summary>A customer registered where its events shall go. Active from now on; its first signing key follows in the same append.</summary>
public sealed record WebhookCreated(CompanyId Company, WebhookConfiguration Configuration) : WebhookFact;

/// <summary>The whole configuration as it is from now on; what changed is the difference from the fact before.</summary>
public sealed record WebhookUpdated(WebhookConfiguration Configuration) : WebhookFact;

/// <summary>It takes events again, and parked deliveries go out.</summary>
public sealed record WebhookEnabled : WebhookFact;

/// <summary>It takes nothing until it is enabled: what is waiting for it is parked.</summary>
public sealed record WebhookDisabled(DisabledReason Reason) : WebhookFact;

/// <summary>It is gone for good: what is waiting for it is cancelled.</summary>
public sealed record WebhookDeleted : WebhookFact;

/// <summary>A further key signs from now on, beside the others.</summary>
public sealed record SigningKeyAdded(SigningKeyId Key, string Label, SealedSecret Secret) : WebhookFact;

/// <summary>A new key signs from now on. The keys before it end.</summary>
/// <param name="PreviousValidUntil">Until when the keys before it sign too, unless they end earlier.</param>
public sealed record SigningKeyRotated(SigningKeyId Key, string Label, SealedSecret Secret, DateTimeOffset PreviousValidUntil) : WebhookFact;

/// <summary>The key signs no more.</summary>
public sealed record SigningKeyRetired(SigningKeyId Key) : WebhookFact;
