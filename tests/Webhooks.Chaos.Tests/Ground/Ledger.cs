using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>One planned delivery and what the log says became of it.</summary>
public sealed record Course(DeliveryId Delivery, WebhookId Webhook, MessageId Message, List<(int Version, DeliveryFact Fact)> Facts)
{
    /// <summary>Its row in the queue; null where there is none.</summary>
    public (int Version, int Attempts, int Failures)? Queued { get; set; }

    public DeliveryState State => Facts.Aggregate(DeliveryState.Planned, (state, f) => DeliveryState.Evolve(state, f.Fact));

    public IEnumerable<int> AttemptNumbers => Facts.Select(f => f.Fact switch
    {
        AttemptSucceeded s => s.Attempt.Number,
        AttemptFailed s => s.Attempt.Number,
        _ => 0,
    }).Where(n => n > 0);

    public int Successes => Facts.Count(f => f.Fact is AttemptSucceeded);
}

/// <summary>An event in the log.</summary>
/// <param name="Number">The emission's, from the payload.</param>
public sealed record LoggedEvent(MessageId Id, int Number, int Matched);

/// <summary>Log and queue at one moment, read by SQL of the tests' own, and what has to hold between them at every moment.</summary>
public sealed class Ledger
{
    private const string Facts = "select stream_id, type, version, data from es.events where type like 'message.%' or type like 'delivery.%' order by type not like 'message.%', stream_id, version";
    private const string Payloads = "select message_id, (convert_from(body, 'UTF8')::jsonb ->> 'n')::int from es.payloads";
    private const string Queue = "select delivery_id, version, attempts, failures from delivery.queue";

    private readonly List<string> _faults = [];

    public List<LoggedEvent> Events { get; } = [];
    public Dictionary<DeliveryId, Course> Deliveries { get; } = [];

    public static async Task<Ledger> Read(NpgsqlDataSource database)
    {
        var ledger = new Ledger();
        await using var connection = await database.OpenConnectionAsync();
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var numbers = new Dictionary<Guid, int?>();
        await Each(connection, Payloads, row => numbers[row.GetGuid(0)] = row.IsDBNull(1) ? null : row.GetInt32(1));
        await Each(connection, Facts, row => ledger.Take(row.GetGuid(0), row.GetInt32(2), FactCatalogue.Deserialize(row.GetString(1), row.GetFieldValue<byte[]>(3)), numbers));
        await Each(connection, Queue, row => ledger.TakeRow(new DeliveryId(row.GetGuid(0)), (row.GetInt32(1), row.GetInt32(2), row.GetInt32(3))));
        return ledger;
    }

    /// <summary>Everything that must hold whatever was killed when: nothing planned is forgotten, nothing is recorded twice, queue and log agree.</summary>
    public List<string> Faults() =>
    [
        .. _faults,
        .. Events.Where(e => Deliveries.Values.Count(d => d.Message == e.Id) != e.Matched).Select(e => $"{e.Id} matched {e.Matched} webhooks, but has other deliveries"),
        .. Deliveries.Values.SelectMany(FaultsOf),
    ];

    private static IEnumerable<string> FaultsOf(Course course)
    {
        var id = course.Delivery;
        if (!course.Facts.Select(f => f.Version).SequenceEqual(Enumerable.Range(1, course.Facts.Count)))
        {
            yield return $"{id} has versions {string.Join(',', course.Facts.Select(f => f.Version))}";
        }

        if (!course.AttemptNumbers.SequenceEqual(Enumerable.Range(1, course.AttemptNumbers.Count())))
        {
            yield return $"{id} has attempts {string.Join(',', course.AttemptNumbers)}";
        }

        if (course.Successes > 1)
        {
            yield return $"{id} has {course.Successes} recorded successes";
        }

        var state = course.State;
        var waits = state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked;
        if (waits != course.Queued is not null)
        {
            yield return waits ? $"{id} is {state.Status}, and forgotten by the queue" : $"{id} is {state.Status}, and still in the queue";
        }

        if (course.Queued is { } row && row != (course.Facts.Count, state.Attempts, state.Failures))
        {
            yield return $"{id} stands in the queue as {row}, in the log as {(course.Facts.Count, state.Attempts, state.Failures)}";
        }
    }

    private void Take(Guid stream, int version, Fact fact, Dictionary<Guid, int?> numbers)
    {
        switch (fact)
        {
            case EventEmitted e:
                if (!numbers.TryGetValue(stream, out var number))
                {
                    _faults.Add($"{new MessageId(stream)} has no payload");
                }

                // What the service itself tells of a webhook's health has no number.
                if (number is { } n)
                {
                    Events.Add(new LoggedEvent(new MessageId(stream), n, e.MatchedWebhooks));
                }

                Plan(stream, e.Deliveries);
                break;
            case EventFannedOut f:
                Plan(stream, f.Deliveries);
                break;
            case DeliveryFact f when Deliveries.TryGetValue(new DeliveryId(stream), out var course):
                course.Facts.Add((version, f));
                break;
            default:
                _faults.Add($"{new DeliveryId(stream)} has a {fact.GetType().Name}, but was never planned");
                break;
        }
    }

    private void Plan(Guid message, IEnumerable<PlannedDelivery> planned)
    {
        foreach (var (delivery, webhook) in planned)
        {
            Deliveries.Add(delivery, new Course(delivery, webhook, new MessageId(message), []));
        }
    }

    private void TakeRow(DeliveryId delivery, (int, int, int) row)
    {
        if (Deliveries.TryGetValue(delivery, out var course))
        {
            course.Queued = row;
        }
        else
        {
            _faults.Add($"{delivery} stands in the queue, but was never planned");
        }
    }

    private static async Task Each(NpgsqlConnection connection, string sql, Action<NpgsqlDataReader> take)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            take(reader);
        }
    }
}
