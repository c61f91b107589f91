using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Webhooks.Demo.Receiving;
using Webhooks.Demo.Showing;

namespace Webhooks.Demo;

/// <summary>Looks at the deliveries, over the service's API and at the receiver, until all are over.</summary>
internal sealed class DeliveryWatch(Customer customer, Emitted emitted, Receiver receiver)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Dictionary<string, DeliveryRow> _rows = [];
    private readonly Dictionary<string, int> _order = [];

    /// <summary>What the last look saw: each event's deliveries together, in the order of emission.</summary>
    public IReadOnlyList<DeliveryRow> Last => [.. _rows.OrderBy(r => _order[r.Key]).Select(r => r.Value)];

    /// <exception cref="DemoException">They are not over in time.</exception>
    public async IAsyncEnumerable<IReadOnlyList<DeliveryRow>> Looks([EnumeratorCancellation] CancellationToken ct)
    {
        var until = DateTimeOffset.UtcNow + Patience;
        while (true)
        {
            await Look(ct);
            yield return Last;
            if (_rows.Count == emitted.Deliveries && _rows.Values.All(r => r.IsOver))
            {
                yield break;
            }

            if (DateTimeOffset.UtcNow > until)
            {
                throw new DemoException($"After {Patience.TotalSeconds:0} seconds {emitted.Deliveries - _rows.Values.Count(r => r.IsOver)} of {emitted.Deliveries} deliveries are not over.");
            }

            await Task.Delay(Pause, ct);
        }
    }

    private async Task Look(CancellationToken ct)
    {
        if (_rows.Count < emitted.Deliveries)
        {
            foreach (var listed in await customer.Deliveries(ct))
            {
                Add(listed);
            }
        }

        foreach (var sid in _rows.Where(r => !r.Value.IsOver).Select(r => r.Key).ToArray())
        {
            _rows[sid] = Row(sid, await customer.Delivery(sid, ct));
        }
    }

    private void Add(JsonNode listed)
    {
        var sid = Customer.Text(listed, "sid");
        var subscriber = customer.SubscriberOf(Customer.Text(listed, "webhook_sid"));
        var position = emitted.Sids.ToList().IndexOf(Customer.Text(listed, "event_sid"));
        _order[sid] = (position * Subscriber.All.Length) + Array.IndexOf(Subscriber.All, subscriber);
        _rows.TryAdd(sid, new DeliveryRow(Customer.Text(listed, "type"), subscriber, "pending", [], Verified: null));
    }

    private DeliveryRow Row(string sid, JsonNode delivery)
    {
        var received = receiver.Of(sid);
        return _rows[sid] with
        {
            Status = Customer.Text(delivery, "status"),
            Tries = [.. delivery["attempts"]!.AsArray().Select(a => Attempt(a!))],
            Verified = received.Count == 0 ? null : received.All(r => r.Fault is null),
        };
    }

    private static Try Attempt(JsonNode attempt) =>
        new(Customer.Text(attempt, "outcome") == "succeeded", attempt["status_code"] is { } code ? $"{(int)code}" : Customer.Text(attempt, "error_class"));
}
