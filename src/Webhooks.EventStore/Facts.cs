using Webhooks.Domain;

namespace Webhooks.EventStore;

/// <param name="Company">Whose fact it is.</param>
/// <param name="Actor">The API key that asked for it; null: the service itself.</param>
/// <param name="Correlation">The request, or the message that an attempt belongs to.</param>
public sealed record FactMeta(CompanyId Company, ApiKeyId? Actor, Guid Correlation);

/// <summary>A fact on its way into the log.</summary>
/// <param name="Version">The place in its stream, from 1.</param>
public sealed record NewFact(Guid StreamId, int Version, Fact Fact, FactMeta Meta);

/// <summary>A fact as the log holds it.</summary>
/// <param name="Type">The durable name.</param>
/// <param name="RecordedAt">The database's time at the start of the transaction that wrote it.</param>
public sealed record StoredFact(
    LogPosition Position,
    Guid StreamId,
    int Version,
    string Type,
    CompanyId Company,
    ApiKeyId? Actor,
    Guid Correlation,
    DateTimeOffset RecordedAt,
    Fact Fact);

/// <summary>A stream folded into its state.</summary>
/// <param name="Version">Of the last fact folded; 0 where there is none. The version that the next append expects.</param>
public sealed record FetchedStream<TState>(TState State, int Version, DateTimeOffset? FirstRecordedAt, DateTimeOffset? LastRecordedAt);
