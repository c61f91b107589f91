using System.Text.Json.Serialization;

namespace Webhooks.Domain.Endpoints;

/// <summary>What a customer's server can take, as the customer says. Null members take the installation's default.</summary>
/// <param name="MaxInFlight">Requests under way at a time, over all nodes: 1 to 1,000.</param>
/// <param name="Rate">Requests that may begin in a time, over all nodes, retries among them.</param>
public sealed record DeliveryLimits(int? MaxInFlight, RateLimit? Rate)
{
    public const int MostInFlight = 1000;

    /// <summary>The rule that these limits break, if any; <paramref name="field"/> is the wire's path to them.</summary>
    public Refusal? Refuse(string field) =>
        MaxInFlight is < 1 or > MostInFlight ? Refusal.Invalid($"{field}.max_in_flight", "limits.max_in_flight", $"Must be 1 to {MostInFlight}.")
        : Rate?.Refuse($"{field}.rate");
}

/// <summary>So many requests in a second or a minute, evenly spaced.</summary>
public sealed record RateLimit(int Count, RatePeriod Per)
{
    public const int MostPerSecond = 10_000;
    public const int MostPerMinute = 60 * MostPerSecond;

    /// <summary>Between two requests; rounded up to 100 ns, so that the rate is never exceeded.</summary>
    public TimeSpan Interval => new(((Per == RatePeriod.Minute ? TimeSpan.TicksPerMinute : TimeSpan.TicksPerSecond) + Count - 1) / Count);

    public Refusal? Refuse(string field)
    {
        var most = Per == RatePeriod.Minute ? MostPerMinute : MostPerSecond;
        return Count >= 1 && Count <= most ? null : Refusal.Invalid($"{field}.count", "limits.rate", $"Must be 1 to {most} per {(Per == RatePeriod.Minute ? "minute" : "second")}.");
    }
}

[JsonConverter(typeof(JsonStringEnumConverter<RatePeriod>))]
public enum RatePeriod
{
    [JsonStringEnumMemberName("second")]
    Second,
    [JsonStringEnumMemberName("minute")]
    Minute,
}
