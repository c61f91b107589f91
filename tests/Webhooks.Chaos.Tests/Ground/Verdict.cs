using Npgsql;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>What has to be true between platform, log and receiver, said with the ids at fault.</summary>
public static class Verdict
{
    private const int Shown = 15;

    public static void None(IEnumerable<string> faults, string what)
    {
        var all = faults.ToList();
        Assert.True(all.Count == 0, $"{what}: {all.Count} faults.\n{string.Join('\n', all.Take(Shown))}");
    }

    /// <summary>Every 202 is one event, every key is one event, and what was not accepted is there wholly or not at all (which the ledger's own rules say).</summary>
    /// <param name="matched">How many webhooks take events of a type.</param>
    public static IEnumerable<string> OfEmissions(Ledger ledger, Load load, Func<string, int> matched)
    {
        var byNumber = ledger.Events.ToLookup(e => e.Number);
        foreach (var emission in load.Emissions)
        {
            var events = byNumber[emission.Number].ToList();
            if (events.Count > 1 || (events.Count == 0 && emission.Sid is not null))
            {
                yield return $"{emission} is {events.Count} events in the log";
            }
            else if (emission.Sid is not null && events[0].Id.ToString() != emission.Sid)
            {
                yield return $"{emission} is {events[0].Id} in the log";
            }

            if (events.Exists(e => e.Matched != matched(emission.Type)))
            {
                yield return $"{emission} matched {events[0].Matched} webhooks instead of {matched(emission.Type)}";
            }
        }
    }

    /// <summary>Every delivery succeeded, was received, and always under the one id of its event.</summary>
    public static IEnumerable<string> OfDeliveries(Ledger ledger, Receiver receiver)
    {
        var arrivals = receiver.Arrivals.ToLookup(a => a.Delivery);
        foreach (var course in ledger.Deliveries.Values)
        {
            var came = arrivals[course.Delivery.ToString()].ToList();
            if (course.Successes != 1 || came.Count == 0)
            {
                yield return $"{course.Delivery} has {course.Successes} recorded successes and came {came.Count} times";
            }

            if (came.Exists(a => a.Event != course.Message.ToString()))
            {
                yield return $"{course.Delivery} of {course.Message} came as {string.Join(", ", came.Select(a => a.Event).Distinct())}";
            }

            if (course.AttemptNumbers.Except(came.Select(a => a.Attempt)).Any())
            {
                yield return $"{course.Delivery} recorded attempts {string.Join(',', course.AttemptNumbers)}, of which came {string.Join(',', came.Select(a => a.Attempt))}";
            }
        }

        foreach (var unknown in arrivals.Select(a => a.Key).Except(ledger.Deliveries.Keys.Select(d => d.ToString())))
        {
            yield return $"{unknown} came, but the log does not know it";
        }
    }

    public static async Task Drained(NpgsqlDataSource database)
    {
        try
        {
            await Eventually.Is(async () => await Scalar<long>(database, "select count(*) from delivery.queue") == 0, "the queue is empty", TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            const string Left = """
                select string_agg(w, E'\n') from (
                    select format('%s of %s, shard %s: version %s, %s attempts, due %s', delivery_id, message_id, shard, version, attempts, coalesce(due_at::text, 'now, in memory')) as w
                    from delivery.queue limit 15) q
                """;
            var count = await Scalar<long>(database, "select count(*) from delivery.queue");
            Assert.Fail($"{count} deliveries are left in the queue, such as\n{await Scalar<string>(database, Left)}");
        }
    }

    /// <summary>The read model has followed, and says what the log says.</summary>
    public static Task Listed(NpgsqlDataSource database, int succeeded) => Eventually.Is(
        async () => await Scalar<long>(database, "select count(*) from read.deliveries where status = 1") == succeeded,
        $"{succeeded} deliveries are listed as succeeded");

    public static async Task<T> Scalar<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
