using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Accepting;

/// <summary>Takes an event in: matches it, appends it with its deliveries through the group commit, and hands those over to memory.</summary>
public sealed class EventAcceptance(
    RoutingDirectory routing, AppendWriter writer, Pump pump, ShardLeases shards, PostgresEventStore store, DatabaseClock clock, DeliveryOptions options, TimeProvider time, EmitMetrics metrics)
{
    /// <summary>Returns after commit. Safe to repeat with the same idempotency key.</summary>
    /// <param name="inLine">Called when its place among what is being accepted is taken.</param>
    /// <exception cref="DatabaseUnavailableException">Nothing was accepted.</exception>
    public async Task<EmitOutcome> Emit(EventToEmit e, CancellationToken ct, Action? inLine = null)
    {
        using var span = Traces.Accept(e.Company, e.Type);
        var outcome = await Take(e, inLine, ct);
        metrics.Count(outcome);
        return outcome;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<EmitOutcome> Take(EventToEmit e, Action? inLine, CancellationToken ct)
    {
        var sha256 = Convert.ToBase64String(SHA256.HashData(e.Payload));
        var picture = await Routing(e.Company);
        while (true)
        {
            var emittedAt = WholeMilliseconds(time.GetUtcNow());
            var id = new MessageId(Guid.CreateVersion7(emittedAt));
            var matched = Match(e, picture);
            var planned = Plan(e, matched, emittedAt);
            var command = new EmitEvent(e.Type, emittedAt, e.Payload.Length, sha256, e.IdempotencyKey, e.IdempotencyKey is null ? null : Fingerprint(e, sha256), planned)
            {
                Channels = e.Channels,
                OrderingKey = e.OrderingKey,
                DeliverAt = e.DeliverAt,
                Now = clock.Now,
            };
            var decision = Message.Decide(Message.Unknown, command);
            if (decision.Refusal is { } refusal)
            {
                return new EmitOutcome.Refused(refusal);
            }

            AppendOutcome appended;
            using (Traces.Append())
            {
                var underWay = Append(e, id, command, matched, decision, picture.Version);
                inLine?.Invoke();
                appended = await underWay;
            }

            switch (appended)
            {
                case AppendOutcome.Committed:
                    return new EmitOutcome.Accepted(id, e.Type, command.EmittedAt, planned.Length, [.. planned.Select(p => p.Delivery)], Repeated: false) { DeliverAt = command.IsLater ? command.DeliverAt : null };
                case AppendOutcome.RoutingMoved:
                    picture = await DatabaseFailures.Within(options.AcceptTimeout, time, routing.Reload(e.Company, picture.Version));
                    break;
                case AppendOutcome.ShardsMoved moved:
                    shards.Moved(moved.Epochs);
                    break;
                case AppendOutcome.DuplicateKey duplicate:
                    return duplicate.Fingerprint == command.Fingerprint ? await FirstAnswer(duplicate, ct) : new EmitOutcome.KeyTaken(duplicate.Message);
                case AppendOutcome.Unknown:
                    return new EmitOutcome.Unknown();
                default:
                    return new EmitOutcome.Unavailable();
            }
        }
    }

    private static RoutedWebhook[] Match(EventToEmit e, CompanyRouting picture) => e switch
    {
        { OnlyTo: { } only } => picture.Find(only) is { } one ? [one] : [],
        { About: { } about } => [.. picture.Match(e.Type, e.Channels, e.Payload).Where(w => w.Id != about && w.Configuration.EventTypes.Contains(e.Type))],
        _ => picture.Match(e.Type, e.Channels, e.Payload),
    };

    private static PlannedDelivery[] Plan(EventToEmit e, RoutedWebhook[] matched, DateTimeOffset emittedAt)
    {
        var planned = new PlannedDelivery[matched.Length];
        for (var i = 0; i < planned.Length; i++)
        {
            planned[i] = new PlannedDelivery(new DeliveryId(Guid.CreateVersion7(emittedAt)), matched[i].Id) { Ordered = IsOrdered(e, matched[i]) };
        }

        return planned;
    }

    // A test goes by itself: nothing waits for it, and it waits for nothing.
    private static bool IsOrdered(EventToEmit e, RoutedWebhook webhook) => webhook.Configuration.Ordering == OrderingMode.Strict && e.OnlyTo is null;

    private Task<AppendOutcome> Append(EventToEmit e, MessageId id, EmitEvent command, RoutedWebhook[] matched, Decision decision, long routingVersion)
    {
        var meta = new FactMeta(e.Company, e.Actor, e.Correlation);
        var message = new EmittedMessage(id, e.Company, e.Type, command.EmittedAt, e.Payload) { Trace = Traces.Current };
        var facts = new NewFact[decision.Facts.Count];
        for (var i = 0; i < facts.Length; i++)
        {
            facts[i] = new NewFact(id.Value, i + 1, decision.Facts[i], meta);
        }

        var (rows, inMemory) = Place(e.Company, id, command, matched, e.Payload.Length);
        PendingAppend append = null!;
        append = new PendingAppend
        {
            IsAccept = true,
            Facts = facts,
            Payload = new PayloadRow(id, e.Company, e.Type, command.EmittedAt, e.Payload),
            Enqueue = rows,
            Numbered = e.OnlyTo is null && Array.Exists(matched, static w => w.Configuration.IsNumbered) ? [.. matched.Where(w => w.Configuration.IsNumbered).Select(w => w.Id)] : [],
            Idempotency = e.IdempotencyKey is { } key ? new IdempotencyRow(e.Company, key, id, command.Fingerprint!) : null,
            Routing = new RoutingCheck(e.Company, routingVersion),
            OnCommitted = () => HandOver(message, append.Enqueue),
            OnUnknown = inMemory > 0 ? shards.InDoubt : null,
            OnRefused = inMemory > 0 ? () => GiveBack(e, rows) : null,
        };
        return Written(append);
    }

    /// <summary>What is not known in time may be written yet, and then what it plans is delivered.</summary>
    private async Task<AppendOutcome> Written(PendingAppend append)
    {
        var writing = writer.Append(append);
        try
        {
            return await writing.WaitAsync(options.AcceptTimeout, time);
        }
        catch (TimeoutException)
        {
            return append.TryWithdraw() ? AppendOutcome.Unavailable.Instance : AppendOutcome.Unknown.Instance;
        }
    }

    private ValueTask<CompanyRouting> Routing(CompanyId company)
    {
        var known = routing.For(company);
        return known.IsCompletedSuccessfully ? known : new(DatabaseFailures.Within(options.AcceptTimeout, time, known.AsTask()));
    }

    /// <summary>
    /// Chooses each delivery's shard. Those in shards of this node go straight to memory, where room is reserved for them; the
    /// others are due, for their owners to load, and so are those that are ordered, or not to go yet.
    /// </summary>
    private (QueueRow[] Rows, int InMemory) Place(CompanyId company, MessageId message, EmitEvent command, RoutedWebhook[] matched, int payloadBytes)
    {
        var rows = new QueueRow[matched.Length];
        var epochs = shards.Epochs;
        var anyShard = shards.ForNewWork();
        var later = command.IsLater ? command.DeliverAt : null;
        var dueAt = later ?? command.Now;
        var inMemory = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var (delivery, webhook) = (command.Matched[i], matched[i]);
            var shard = webhook.Configuration.IsPinned ? shards.ForPinned(webhook.Id) : anyShard;
            var atOnce = shard.IsMine && later is null && !delivery.Ordered && pump.TryReserve(company, webhook.Id, payloadBytes);
            inMemory += atOnce ? 1 : 0;
            rows[i] = new QueueRow(delivery.Delivery, shard.Number, webhook.Id, message, 0, 0, 0, atOnce ? null : dueAt)
            {
                Epoch = epochs[shard.Number],
                OrderingKey = delivery.Ordered ? command.OrderingKey ?? "" : null,
                DeliverAt = later,
            };
        }

        return (rows, inMemory);
    }

    private void GiveBack(EventToEmit e, QueueRow[] rows)
    {
        foreach (var row in rows.Where(r => r.DueAt is null))
        {
            pump.Unreserve(e.Company, row.Webhook, e.Payload.Length);
        }
    }

    private void HandOver(EmittedMessage message, IReadOnlyList<QueueRow> rows)
    {
        foreach (var row in rows)
        {
            if (row.DueAt is null)
            {
                pump.Enqueue(new DeliveryJob(row.Delivery, row.Webhook, message, row.Shard, 0, DeliveryState.Planned) { Epoch = row.Epoch, Sequence = row.Sequence });
            }
            else
            {
                shards.WorkIsDue(row.Shard);
            }
        }
    }

    private async Task<EmitOutcome> FirstAnswer(AppendOutcome.DuplicateKey duplicate, CancellationToken ct)
    {
        try
        {
            var emitted = duplicate.Emitted
                ?? (await store.AggregateStream<Message, MessageFact>(duplicate.Message.Value, Message.Unknown, Message.Evolve, 1, null, ct)).State.Emitted
                ?? throw new InvalidOperationException($"An idempotency key stands for {duplicate.Message}, which the log does not hold.");
            return new EmitOutcome.Accepted(duplicate.Message, emitted.Type, emitted.EmittedAt, emitted.MatchedWebhooks, [], Repeated: true) { DeliverAt = emitted.DeliverAt };
        }
        catch (DatabaseUnavailableException)
        {
            // It was accepted, once: not to be called anything else.
            return new EmitOutcome.Unknown();
        }
    }

    // The company is part of the key already. What most events lack adds nothing, so that fingerprints of former versions stay right.
    private static string Fingerprint(EventToEmit e, string sha256) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{e.Type}\n{e.OnlyTo}\n{sha256}{(e.OrderingKey is null && e.DeliverAt is null ? "" : $"\n{e.OrderingKey}\n{e.DeliverAt:O}")}{Channels.Key(e.Channels)}")));

    // What the answer says, the log says: neither has more digits than the other.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
