using Webhooks.Demo.Receiving;
using Webhooks.Demo.Showing;

namespace Webhooks.Demo;

/// <summary>Holds what was seen against what was promised, so that the demo never tells a story that did not happen.</summary>
internal sealed record Findings(IReadOnlyList<DeliveryRow> Rows, int Signatures)
{
    private const int Unauthorized = 401;

    /// <exception cref="DemoException">Something was seen that the service does not promise.</exception>
    public static async Task<Findings> Check(IReadOnlyList<DeliveryRow> rows, Emitted emitted, Receiver receiver, CancellationToken ct)
    {
        var expected = SampleEvents.All(DateTimeOffset.UnixEpoch).Sum(e => Subscriber.All.Count(s => s.Takes(e.Type)));
        Demand(rows.Count == expected, $"{expected} deliveries were expected, and {rows.Count} were made");
        Demand(emitted.RepeatIsSame, "an event repeated under its idempotency key was taken for a new one");
        foreach (var row in rows)
        {
            var told = $"the delivery of {row.Event} to '{row.Webhook.Label}'";
            Demand(row.Verified == true, $"the receiver could not verify {told}");
            Demand(
                row.Status == row.Webhook.Fate && row.Tries.Select(t => t.Result).SequenceEqual(row.Webhook.Codes.Select(c => $"{c}")),
                $"{told} should have {row.Webhook.Fate} after {string.Join(", ", row.Webhook.Codes)}, and is {row.Status} after {string.Join(", ", row.Tries.Select(t => t.Result))}");
        }

        Demand(receiver.EventsKeepTheirId, "retries of one delivery came with different ids");
        Demand(await receiver.Forge(ct) == Unauthorized, "the receiver took a forged request");
        return new Findings(rows, receiver.GenuineRequests);
    }

    public void Tell(Screen screen)
    {
        screen.Heading("What you saw");
        screen.Point($"{Rows.Select(r => r.Event).Distinct().Count()} events became {Rows.Count} deliveries: each goes to the webhooks that want its type,");
        screen.More("and is answered 202 when it is safe in PostgreSQL. One was emitted twice");
        screen.More("under the same Idempotency-Key, and taken once.");
        screen.Point("healthy took everything at once. flaky refused each delivery twice, and got");
        screen.More($"it again every {Subscriber.RetryIntervalMs} ms, under the same webhook-id. broken used up its {Subscriber.MaxAttempts}");
        screen.More("attempts: exhausted, on record with every answer, ready to be sent again.");
        screen.Point($"The receiver verified {Signatures} signatures, of two schemes, with code of its own.");
        screen.More("One more request, with a single bit changed on the way, it refused.");
    }

    private static void Demand(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new DemoException($"The demo did not go as it should: {otherwise}.");
        }
    }
}
