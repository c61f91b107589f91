using Npgsql;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Projections.Deliveries;

/// <summary>A row of read.deliveries: the state by the rules' own fold, and beside it what people look at.</summary>
internal sealed record DeliveryRow(
    Guid DeliveryId,
    Guid CompanyId,
    Guid WebhookId,
    Guid MessageId,
    string Type,
    Delivery State,
    int? LastStatus,
    FailureClass? LastFailure,
    DateTimeOffset UpdatedAt)
{
    public long? Sequence { get; init; }

    /// <summary>Null: not ordered. Empty: ordered, of an event without a key.</summary>
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>In the order of <see cref="Read"/> and of the copy.</summary>
    public const string Columns = "delivery_id, company_id, webhook_id, message_id, type, status, attempts, failures, last_status, last_failure, next_attempt_at, updated_at, sequence, ordering_key, deliver_at, blocks_key";

    public DeliveryRow After(DeliveryFact fact, DateTimeOffset recordedAt)
    {
        var next = this with { State = Delivery.Evolve(State, fact), UpdatedAt = recordedAt };
        return fact switch
        {
            AttemptSucceeded f => next with { LastStatus = f.Attempt.StatusCode, LastFailure = null },
            AttemptFailed f => next with { LastStatus = f.Attempt.StatusCode, LastFailure = f.Attempt.Failure },

            // What was over and held back nothing comes again out of order.
            ResendRequested when State is { Status: DeliveryStatus.Succeeded } or { Status: DeliveryStatus.Exhausted, BlocksKey: false } => next with { OrderingKey = null },
            _ => next,
        };
    }

    public static DeliveryRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetGuid(2),
        reader.GetGuid(3),
        reader.GetString(4),
        new Delivery((DeliveryStatus)reader.GetInt16(5), reader.GetInt32(6), reader.GetInt32(7), reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10)) { BlocksKey = !reader.IsDBNull(15) },
        reader.IsDBNull(8) ? null : reader.GetInt32(8),
        reader.IsDBNull(9) ? null : (FailureClass)reader.GetInt16(9),
        reader.GetFieldValue<DateTimeOffset>(11))
    {
        Sequence = reader.IsDBNull(12) ? null : reader.GetInt64(12),
        OrderingKey = reader.IsDBNull(13) ? null : reader.GetString(13),
        DeliverAt = reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
    };
}
