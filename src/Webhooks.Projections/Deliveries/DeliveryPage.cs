using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Projections.Deliveries;

/// <summary>
/// Some consecutive facts of the log, folded in memory into the rows they amount to: a delivery that is planned and
/// finished within the page is written once, in its final state.
/// </summary>
internal sealed class DeliveryPage
{
    private readonly IReadOnlyList<StoredFact> _facts;
    private readonly Dictionary<Guid, DeliveryRow> _deliveries = [];
    private readonly Dictionary<Guid, EventEmitted> _emitted = [];

    /// <summary>What the page speaks of without having brought it; to be loaded before <see cref="Fold"/>.</summary>
    public IReadOnlyCollection<Guid> EarlierDeliveries { get; }

    /// <summary>Messages whose fan-out goes on in this page and began in one before.</summary>
    public IReadOnlyCollection<Guid> EarlierMessages { get; }

    public DeliveryPage(IReadOnlyList<StoredFact> facts)
    {
        _facts = facts;
        var planned = new HashSet<Guid>();
        var deliveries = new HashSet<Guid>();
        var messages = new HashSet<Guid>();
        foreach (var stored in facts)
        {
            switch (stored.Fact)
            {
                case EventEmitted f:
                    _emitted.Add(stored.StreamId, f);
                    AddIds(f.Deliveries, planned);
                    break;
                case EventFannedOut f:
                    AddIds(f.Deliveries, planned);
                    if (!_emitted.ContainsKey(stored.StreamId))
                    {
                        messages.Add(stored.StreamId);
                    }

                    break;
                case DeliveryFact when !planned.Contains(stored.StreamId):
                    deliveries.Add(stored.StreamId);
                    break;
            }
        }

        (EarlierDeliveries, EarlierMessages) = (deliveries, messages);
    }

    /// <param name="deliveries">The rows of <see cref="EarlierDeliveries"/>.</param>
    /// <param name="emitted">The first facts of <see cref="EarlierMessages"/>.</param>
    /// <returns>Every row that is new or has changed, as it is after the page.</returns>
    /// <exception cref="InvalidDataException">A fact belongs to a delivery or message that the log has not planned.</exception>
    public IReadOnlyCollection<DeliveryRow> Fold(IEnumerable<DeliveryRow> deliveries, IEnumerable<KeyValuePair<Guid, EventEmitted>> emitted)
    {
        foreach (var row in deliveries)
        {
            _deliveries.Add(row.DeliveryId, row);
        }

        foreach (var (message, first) in emitted)
        {
            _emitted.Add(message, first);
        }

        foreach (var stored in _facts)
        {
            switch (stored.Fact)
            {
                case EventEmitted f:
                    Plan(stored, f.Deliveries);
                    break;
                case EventFannedOut f:
                    Plan(stored, f.Deliveries);
                    break;
                case DeliveryFact f:
                    _deliveries[stored.StreamId] = _deliveries.TryGetValue(stored.StreamId, out var row)
                        ? row.After(f, stored.RecordedAt)
                        : throw new InvalidDataException($"The log holds {stored.Type} at {stored.Position} of the delivery {new DeliveryId(stored.StreamId)}, which no event before it planned.");
                    break;
            }
        }

        return _deliveries.Values;
    }

    private void Plan(StoredFact stored, EquatableArray<PlannedDelivery> planned)
    {
        var emitted = _emitted.TryGetValue(stored.StreamId, out var known)
            ? known
            : throw new InvalidDataException($"The log holds {stored.Type} at {stored.Position} of the event {new MessageId(stored.StreamId)}, which was not emitted before it.");
        foreach (var plan in planned.AsSpan())
        {
            var row = new DeliveryRow(
                plan.Delivery.Value, stored.Company.Value, plan.Webhook.Value, stored.StreamId, emitted.Type, Delivery.PlannedFor(emitted.DeliverAt), null, null, stored.RecordedAt);
            _deliveries.Add(row.DeliveryId, row with { Sequence = plan.Sequence, OrderingKey = plan.Ordered ? emitted.OrderingKey ?? "" : null, DeliverAt = emitted.DeliverAt });
        }
    }

    private static void AddIds(EquatableArray<PlannedDelivery> planned, HashSet<Guid> ids)
    {
        foreach (var (delivery, _) in planned.AsSpan())
        {
            ids.Add(delivery.Value);
        }
    }
}
