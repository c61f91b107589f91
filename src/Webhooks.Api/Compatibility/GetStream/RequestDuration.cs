using System.Globalization;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>GetStream's answers say how long they took.</summary>
internal static class RequestDuration
{
    private sealed record Beginning(long Timestamp);

    public static void Begin(HttpContext http) => http.Features.Set(new Beginning(Clock(http).GetTimestamp()));

    /// <summary>In the way of <c>3.21ms</c>.</summary>
    public static string Of(HttpContext http)
    {
        var elapsed = http.Features.Get<Beginning>() is { } beginning ? Clock(http).GetElapsedTime(beginning.Timestamp) : TimeSpan.Zero;
        return string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds:0.00}ms");
    }

    private static TimeProvider Clock(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>();
}
