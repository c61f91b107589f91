using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>limits</c>.</summary>
internal static class LimitsReader
{
    /// <returns>Null when nothing is limited: the webhook has no limits of its own.</returns>
    public static DeliveryLimits? Read(Fields body)
    {
        if (body.OptionalObject("limits") is not { } fields)
        {
            return null;
        }

        var limits = new DeliveryLimits(fields.OptionalInt("max_in_flight", 1, DeliveryLimits.MostInFlight), ReadRate(fields.OptionalObject("rate")));
        return limits is { MaxInFlight: null, Rate: null } ? null : limits;
    }

    private static RateLimit? ReadRate(Fields? rate)
    {
        if (rate is null)
        {
            return null;
        }

        var per = rate.Enum<RatePeriod>("per");
        return new RateLimit(rate.Int("count", 1, RateLimit.Most(per)), per);
    }
}
