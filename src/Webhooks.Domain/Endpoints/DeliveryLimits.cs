using System.Text.Json.Serialization;

namespace Webhooks.Domain.Endpoints;

/// <summary>What a customer's server can take, as the customer says. Null members take the installation's default.</summary>
/// <param name="MaxInFlight">Requests under way at a time, over all nodes: 1 to 1,000.</param>
/// <param name="Rate">Requests that may begin in a time, over all nodes, retries among them.</param>
public sealed record DeliveryLimits(int? MaxInFlight, RateLimit? Rate)
{
    public const int MostInFlight = 1000;
}

/// <summary>So many requests in a second or a minute, evenly spaced.</summary>
public sealed record RateLimit(int Count, RatePeriod Per)
{
    public const int MostPerSecond = 10_000;
    public const int MostPerMinute = 60 * MostPerSecond;

    /// <summary>Between two requests; rounded up to 100 ns, so that the rate is never exceeded.</summary>
    [JsonIgnore]
    public TimeSpan Interval => new(((Per == RatePeriod.Minute ? TimeSpan.TicksPerMinute : TimeSpan.TicksPerSecond) + Count - 1) / Count);

    public static int Most(RatePeriod per) => per == RatePeriod.Minute ? MostPerMinute : MostPerSecond;
}

[JsonConverter(typeof(JsonStringEnumConverter<RatePeriod>))]
public enum RatePeriod
{
    [JsonStringEnumMemberName("second")]
    Second,
    [JsonStringEnumMemberName("minute")]
    Minute,
}
