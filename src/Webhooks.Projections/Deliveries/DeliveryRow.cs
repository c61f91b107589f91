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
    public const string Columns = "delivery_id, company_id, webhook_id, message_id, type, status, attempts, failures, last_status, last_failure, next_attempt_at, updated_at, network_failures, timeout_failures, unspent, series_started_at, resent_at, sequence, ordering_key, deliver_at, blocks_key";

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
        new Delivery((DeliveryStatus)reader.GetInt16(5), reader.GetInt32(6), reader.GetInt32(7), TimeAt(reader, 10)) { Series = SeriesAt(reader, 12), BlocksKey = !reader.IsDBNull(20) },
        reader.IsDBNull(8) ? null : reader.GetInt32(8),
        reader.IsDBNull(9) ? null : (FailureClass)reader.GetInt16(9),
        reader.GetFieldValue<DateTimeOffset>(11))
    {
        Sequence = reader.IsDBNull(17) ? null : reader.GetInt64(17),
        OrderingKey = reader.IsDBNull(18) ? null : reader.GetString(18),
        DeliverAt = TimeAt(reader, 19),
    };

    private static Series SeriesAt(NpgsqlDataReader reader, int column) => new(
        reader.IsDBNull(column) ? 0 : reader.GetInt16(column),
        reader.IsDBNull(column + 1) ? 0 : reader.GetInt16(column + 1),
        reader.IsDBNull(column + 2) ? 0 : reader.GetInt32(column + 2),
        TimeAt(reader, column + 3),
        TimeAt(reader, column + 4));

    private static DateTimeOffset? TimeAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
