using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

/// <summary>A policy known by its name: what other senders do, for receivers that were built for them.</summary>
public sealed record PresetRetry(RetryPreset Name) : RetryPolicy
{
    /// <summary>The schedule that Standard Webhooks recommends: ten attempts over three days.</summary>
    private static readonly ScheduleRetry Standard = new(new[]
    {
        Seconds(5), Minutes(5), Minutes(30), Hours(2), Hours(5), Hours(10), Hours(14), Hours(20), Hours(24),
    })
    {
        Jitter = 0.1,
        MaxAttempts = 10,
    };

    /// <summary>Five attempts of 5 s, as in the vendor's example; how far apart is not published.</summary>
    private static readonly ExponentialRetry Streem = new(Seconds(10), 3, Hours(1), 0.2) { MaxAttempts = 5, TimeoutMs = 5_000 };

    /// <summary>Attempts by kind, of 6 s each, all within 15 s; how far apart is not published.</summary>
    private static readonly ExponentialRetry GetStream = new(500, 2, Seconds(4), 0.2)
    {
        Attempts = new AttemptLimits(Status: 3, Network: 2, Timeout: 3),
        CountsTooManyRequests = true,
        TimeoutMs = 6_000,
        TotalDeadlineMs = Seconds(15),
    };

    /// <summary>Three retries, 3 s apart.</summary>
    private static readonly FixedRetry AiozStream = new(Seconds(3)) { MaxAttempts = 4, CountsTooManyRequests = true };

    public override RetryPolicy Resolve() => Name switch
    {
        RetryPreset.Standard => Standard,
        RetryPreset.Streem => Streem,
        RetryPreset.GetStream => GetStream,
        RetryPreset.AiozStream => AiozStream,
        _ => throw new InvalidOperationException($"There is no preset {Name}."),
    };

    public override TimeSpan DelayAfter(int failures, double random) => Resolve().DelayAfter(failures, random);

    private protected override Refusal? RefuseDelays(string field) =>
        Enum.IsDefined(Name) ? null : Refusal.Invalid($"{field}.name", "retry_policy.preset", "There is no such preset.");

    private static long Seconds(int seconds) => seconds * 1000L;
    private static long Minutes(int minutes) => Seconds(60 * minutes);
    private static long Hours(int hours) => Minutes(60 * hours);
}

[JsonConverter(typeof(JsonStringEnumConverter<RetryPreset>))]
public enum RetryPreset
{
    [JsonStringEnumMemberName("standard")]
    Standard,

    [JsonStringEnumMemberName("streem")]
    Streem,

    [JsonStringEnumMemberName("getstream")]
    GetStream,

    [JsonStringEnumMemberName("aiozstream")]
    AiozStream,
}
