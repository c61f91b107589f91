using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>What a profile chooses where a webhook doesn't say otherwise. The headers follow from the scheme.</summary>
/// <param name="TimeoutMs">Null: the installation's default.</param>
/// <param name="MaxAttempts">No lower than what the policy makes of it.</param>
public sealed record ProfileChoice(SignatureScheme Scheme, BodyFraming Framing, RetryPolicy RetryPolicy, int? TimeoutMs, int MaxAttempts)
{
    /// <summary>Eight attempts over 28 hours.</summary>
    private static readonly ScheduleRetry Svix = new(new[] { Seconds(5), Minutes(5), Minutes(30), Minutes(120), Minutes(300), Minutes(600), Minutes(600) }) { Jitter = 0.1, MaxAttempts = 8 };

    /// <summary>Eight retries in four hours, which is published; how they are spread is not.</summary>
    private static readonly ScheduleRetry Shopify = new(new[] { Minutes(1), Minutes(2), Minutes(4), Minutes(8), Minutes(16), Minutes(32), Minutes(64), Minutes(113) }) { MaxAttempts = 9 };

    private static readonly PresetRetry ThreeDays = new(RetryPreset.Standard);

    public static ProfileChoice Of(WebhookProfile profile) => profile switch
    {
        WebhookProfile.Standard => new(SignatureScheme.Standard, BodyFraming.Payload, ThreeDays, null, 10),
        WebhookProfile.Streem => new(SignatureScheme.Streem, BodyFraming.Streem, new PresetRetry(RetryPreset.Streem), 5_000, 5),

        // The budgets by kind of failure stop it earlier.
        WebhookProfile.GetStream => new(SignatureScheme.GetStream, BodyFraming.Payload, new PresetRetry(RetryPreset.GetStream), 6_000, 8),
        WebhookProfile.AiozStream => new(SignatureScheme.Standard, BodyFraming.Payload, new PresetRetry(RetryPreset.AiozStream), null, 4),
        WebhookProfile.Svix => new(SignatureScheme.Svix, BodyFraming.Payload, Svix, null, 8),
        WebhookProfile.Stripe => new(SignatureScheme.Stripe, BodyFraming.Payload, ThreeDays, null, 10),

        // GitHub itself never tries again; its receivers take a delivery twice all the same, for people redeliver by hand.
        WebhookProfile.GitHub => new(SignatureScheme.GitHub, BodyFraming.Payload, ThreeDays, 10_000, 10),
        WebhookProfile.Shopify => new(SignatureScheme.Shopify, BodyFraming.Payload, Shopify, 5_000, 9),
        WebhookProfile.Hook0 => new(SignatureScheme.Hook0, BodyFraming.Payload, ThreeDays, null, 10),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "There is no such profile."),
    };

    private static long Seconds(int seconds) => seconds * 1000L;
    private static long Minutes(int minutes) => Seconds(60 * minutes);
}
