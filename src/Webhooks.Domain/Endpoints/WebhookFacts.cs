using System.Text.Json.Serialization;
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
/// <param name="At">The database's time; null in facts from before it was told.</param>
/// <param name="FailingSince">The first failure that no success followed, where it is disabled for failing.</param>
/// <param name="ConsecutiveFailures">Failures in a row, where it is disabled for failing.</param>
public sealed record WebhookDisabled(DisabledReason Reason, DateTimeOffset? At = null, DateTimeOffset? FailingSince = null, int? ConsecutiveFailures = null) : WebhookFact;

/// <summary>It fails often. It is sent everything all the same.</summary>
/// <param name="FailingSince">The first failure that no success followed.</param>
/// <param name="ConsecutiveFailures">Failures in a row, as one node counted them.</param>
/// <param name="RecentFailures">Failures among the <paramref name="RecentAttempts"/> that the share is taken of.</param>
public sealed record WebhookDegraded(DateTimeOffset At, DateTimeOffset FailingSince, int ConsecutiveFailures, int RecentFailures, int RecentAttempts) : WebhookFact;

/// <summary>It has failed so long that its deliveries are parked from now on, until a probe succeeds.</summary>
/// <param name="FailingSince">The first failure that no success followed.</param>
/// <param name="ConsecutiveFailures">Failures in a row, as one node counted them.</param>
/// <param name="FirstProbeAt">When the oldest parked delivery is sent alone.</param>
public sealed record WebhookPaused(DateTimeOffset At, DateTimeOffset FailingSince, int ConsecutiveFailures, DateTimeOffset FirstProbeAt) : WebhookFact;

/// <summary>It takes what it is sent again, and parked deliveries go out.</summary>
public sealed record WebhookRecovered(DateTimeOffset At) : WebhookFact;

/// <summary>It is gone for good: what is waiting for it is cancelled.</summary>
public sealed record WebhookDeleted : WebhookFact;

/// <summary>A further key signs from now on, beside the others.</summary>
public sealed record SigningKeyAdded(SigningKeyId Key, string Label, SealedSecret Secret) : WebhookFact
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SigningKeyKind Kind { get; init; }

    /// <summary>The schemes that it signs with; none: all of its kind.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<SignatureScheme> Schemes { get; init; }
}

/// <summary>A new key signs from now on. The keys of its kind before it end; where it is for some schemes, those that were for none but these.</summary>
/// <param name="PreviousValidUntil">Until when the keys before it sign too, unless they end earlier.</param>
public sealed record SigningKeyRotated(SigningKeyId Key, string Label, SealedSecret Secret, DateTimeOffset PreviousValidUntil) : WebhookFact
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SigningKeyKind Kind { get; init; }

    /// <summary>The schemes that it signs with; none: all of its kind.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<SignatureScheme> Schemes { get; init; }
}

/// <summary>The key signs no more.</summary>
public sealed record SigningKeyRetired(SigningKeyId Key) : WebhookFact;
