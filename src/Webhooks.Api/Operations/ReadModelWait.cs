using System.Globalization;
using Microsoft.Extensions.Primitives;
using Npgsql;
using Webhooks.Api.Http;
using Webhooks.EventStore;
using Webhooks.Projections;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Operations;

/// <summary><c>Prefer: wait=seconds</c> on the list of deliveries: answers once the read model has passed everything that was committed before the request.</summary>
public sealed class ReadModelWait(NpgsqlDataSource database, LogSignal signal, DatabaseClock clock, TimeProvider time)
{
    public const string Description =
        "The list follows the log a moment behind; as_of says how fresh it is. With the header Prefer: wait=5 the answer waits, at most so many seconds (10 are the most), until the list holds all that was committed before the request.";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Where another node makes the read model, a wake-up may be lost.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it came about or not, the list is answered: as_of tells.</summary>
    public async Task Honour(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (WaitOf(http.Request.Headers["Prefer"]) is not { } wait)
        {
            return;
        }

        http.Response.Headers["Preference-Applied"] = "wait";
        await Passes(wait, http.RequestAborted);
    }

    /// <summary>The moment up to which an answer knows everything, by the database's clock.</summary>
    public string AsOf(Freshness? freshness) => Wire.Time(clock.Now - (freshness?.Age ?? TimeSpan.Zero));

    private async Task<bool> Passes(TimeSpan wait, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        if (await CatchingUp.LastCommitted(database, ct) is not { } head)
        {
            return true;
        }

        while (true)
        {
            var seen = signal.Version;
            if (await CatchingUp.HasPassed(DeliveriesProjection.ProjectionName, head, database, ct))
            {
                return true;
            }

            var left = wait - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            await signal.Wait(seen, left < Look ? left : Look, ct);
        }
    }

    /// <summary>RFC 7240: a preference that is not understood is ignored.</summary>
    internal static TimeSpan? WaitOf(StringValues prefer)
    {
        foreach (var preference in prefer.SelectMany(p => (p ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (preference.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value]
                && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
            }
        }

        return null;
    }
}
