using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Projections.Deliveries;

/// <summary>One delivery with what happened to it.</summary>
/// <param name="Version">Of the delivery's stream.</param>
/// <param name="Attempts">Those asked for, in the order asked for.</param>
public sealed record DeliveryDetails(
    DeliveryId Id,
    CompanyId Company,
    WebhookId Webhook,
    MessageId Event,
    string Type,
    Delivery State,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<AttemptDetails> Attempts)
{
    /// <summary>Null where there was none yet.</summary>
    public Attempt? LastAttempt { get; init; }

    /// <summary>Null unless it is exhausted.</summary>
    public ExhaustedReason? ExhaustedReason { get; init; }

    public long? Sequence { get; init; }

    /// <summary>It waits for those of its key.</summary>
    public bool IsOrdered { get; init; }
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }
}

/// <summary>Which attempts of a delivery are wanted; it may have thousands, and each is told with two bodies.</summary>
/// <param name="Beyond">The number they come after; with <paramref name="Descending"/>, before. Null: from the end that is named.</param>
/// <param name="Count">At most so many, from 0.</param>
public readonly record struct AttemptRange(int? Beyond, bool Descending, int Count)
{
    internal IEnumerable<(Attempt Attempt, Fact Fact)> Of(IEnumerable<(Attempt Attempt, Fact Fact)> attempts)
    {
        var (beyond, descending) = (Beyond, Descending);
        var ordered = descending ? attempts.Reverse() : attempts;
        return ordered.Where(a => beyond is not { } number || (descending ? a.Attempt.Number < number : a.Attempt.Number > number)).Take(Count);
    }
}

/// <param name="NextAttemptAt">As planned when this one failed.</param>
/// <param name="RequestHeaders">As sent, values of sensitive ones redacted.</param>
/// <param name="ResponseHeaders">Values of sensitive ones redacted.</param>
/// <param name="ResponseBody">Null when there was none or it is not kept any more; at most the cap.</param>
public sealed record AttemptDetails(
    Attempt Attempt,
    DateTimeOffset? NextAttemptAt,
    string Method,
    string Url,
    IReadOnlyList<Header> RequestHeaders,
    IReadOnlyList<Header> ResponseHeaders,
    byte[]? ResponseBody)
{
    /// <inheritdoc cref="AttemptFailed.RetryAfterMs"/>
    public long? RetryAfterMs { get; init; }

    /// <inheritdoc cref="AttemptFailed.SpentNoAttempt"/>
    public bool SpentNoAttempt { get; init; }

    /// <summary>As signed and sent, byte for byte, up to <see cref="DeliveryAudit.MaxBodyBytes"/>; null where there was none or the payload is erased.</summary>
    public byte[]? RequestBody { get; init; }

    /// <summary>More was sent than is told.</summary>
    public bool RequestTruncated { get; init; }
}

/// <summary>Tells one delivery from the log itself, not from a read model: the log is the audit, and it never lags.</summary>
public sealed class DeliveryAudit(NpgsqlDataSource database, PostgresEventStore store, SecretSealer sealer)
{
    /// <summary>Bytes of a request's body that are told; all of it follows from the event's payload and the webhook.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>
    /// One statement, so one view of the data: from its commit on, a delivery waits in the queue, or has a fact of its own
    /// that says to which message it belongs, or the read model has come to know it.
    /// </summary>
    private const string MessageSql = """
        select message_id from read.deliveries where delivery_id = $1
        union all
        select message_id from delivery.queue where delivery_id = $1
        union all
        (select correlation from es.events where stream_id = $1 and type <> 'delivery.resend_requested.v1' order by version limit 1)
        limit 1
        """;

    private const string PayloadSql = "select body from es.payloads where message_id = $1";

    private const string ResponsesSql = "select attempt, body from delivery.responses where delivery_id = $1 and attempt = any ($2)";

    /// <returns>Null where there is no such delivery.</returns>
    public Task<DeliveryDetails?> One(DeliveryId id, AttemptRange range, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        if (await FindMessage(id, ct) is not { } messageId)
        {
            return null;
        }

        var facts = await store.ReadStream(id.Value, 1, int.MaxValue, ct);
        var message = await store.ReadStream(messageId, 1, int.MaxValue, ct);
        var planned = DeliveryQueries.Plan(message).FirstOrDefault(p => p.Delivery == id);
        if (planned == default || message[0].Fact is not EventEmitted emitted)
        {
            return null;
        }

        var configurations = Configurations(await store.ReadStream(planned.Webhook.Value, 1, int.MaxValue, ct));
        var attempts = Attempts(facts).ToList();
        var asked = range.Of(attempts).ToList();
        var responses = await ReadResponses(id, [.. asked.Select(a => a.Attempt.Number)], ct);
        var payload = asked.Count == 0 ? null : await ReadPayload(messageId, ct);
        var state = facts.Aggregate(Delivery.PlannedFor(emitted.DeliverAt), (delivery, stored) => Delivery.Evolve(delivery, (DeliveryFact)stored.Fact));
        var told = asked.Select(a => a.Fact is AttemptFailed f
            ? Show(a.Attempt, f.NextAttemptAt) with { RetryAfterMs = f.RetryAfterMs, SpentNoAttempt = f.SpentNoAttempt }
            : Show(a.Attempt, null));
        return new DeliveryDetails(
            id, message[0].Company, planned.Webhook, new MessageId(messageId), emitted.Type, state, facts.Count, UuidTime.Of(id.Value), facts.Count == 0 ? message[0].RecordedAt : facts[^1].RecordedAt, [.. told])
        {
            LastAttempt = attempts.Count == 0 ? null : attempts[^1].Attempt,
            ExhaustedReason = state.Status == DeliveryStatus.Exhausted ? facts.Select(f => f.Fact).OfType<DeliveryExhausted>().Last().Reason : null,
            Sequence = planned.Sequence,
            IsOrdered = planned.Ordered,
            OrderingKey = emitted.OrderingKey,
            DeliverAt = emitted.DeliverAt,
        };

        AttemptDetails Show(Attempt attempt, DateTimeOffset? next)
        {
            var configuration = configurations.GetValueOrDefault(attempt.WebhookVersion) ?? throw new InvalidDataException($"An attempt used version {attempt.WebhookVersion} of a webhook that does not exist at that version.");
            var sent = new SentRequest(planned.Webhook, new MessageId(messageId), id, emitted.Type, configuration, attempt, planned.Sequence);
            var body = SentBody.Of(sent, message[0].Company, emitted.EmittedAt, payload);
            return new AttemptDetails(attempt, next, configuration.Method, configuration.Url, SentHeaders.Of(sent, sealer), SentHeaders.Redact(attempt.ResponseHeaders), responses.GetValueOrDefault(attempt.Number))
            {
                RequestBody = Cut(body),
                RequestTruncated = body?.Length > MaxBodyBytes,
            };
        }
    });

    private static IEnumerable<(Attempt Attempt, Fact Fact)> Attempts(IReadOnlyList<StoredFact> delivery)
    {
        foreach (var stored in delivery)
        {
            if (stored.Fact switch { AttemptSucceeded f => f.Attempt, AttemptFailed f => f.Attempt, _ => null } is { } attempt)
            {
                yield return (attempt, stored.Fact);
            }
        }
    }

    private async Task<Guid?> FindMessage(DeliveryId id, CancellationToken ct)
    {
        await using var command = database.CreateCommand(MessageSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        return (Guid?)await command.ExecuteScalarAsync(ct);
    }

    private async Task<byte[]?> ReadPayload(Guid message, CancellationToken ct)
    {
        await using var command = database.CreateCommand(PayloadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message });
        return await command.ExecuteScalarAsync(ct) as byte[];
    }

    private async Task<Dictionary<int, byte[]>> ReadResponses(DeliveryId id, int[] attempts, CancellationToken ct)
    {
        await using var command = database.CreateCommand(ResponsesSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = attempts });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var bodies = new Dictionary<int, byte[]>();
        while (await reader.ReadAsync(ct))
        {
            bodies.Add(reader.GetInt32(0), await reader.GetFieldValueAsync<byte[]>(1, ct));
        }

        return bodies;
    }

    /// <summary>Of every version of a webhook.</summary>
    private static Dictionary<int, WebhookConfiguration> Configurations(IReadOnlyList<StoredFact> webhook)
    {
        var (configurations, state) = (new Dictionary<int, WebhookConfiguration>(webhook.Count), Webhook.Unknown);
        foreach (var stored in webhook)
        {
            state = Webhook.Evolve(state, (WebhookFact)stored.Fact);
            configurations[stored.Version] = state.Configuration!;
        }

        return configurations;
    }

    /// <summary>At most the cap, and no character cut in two.</summary>
    private static byte[]? Cut(ReadOnlyMemory<byte>? body)
    {
        if (body is not { } all || all.Length <= MaxBodyBytes)
        {
            return body?.ToArray();
        }

        var end = MaxBodyBytes;
        while (end > 0 && (all.Span[end] & 0xc0) == 0x80)
        {
            end--;
        }

        return all[..end].ToArray();
    }
}
