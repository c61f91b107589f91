using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Projections.Catalogue;

/// <param name="Version">Of the type's stream.</param>
public sealed record EventTypeView(EventTypeId Id, int Version, EventType State, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>One definition that a type had.</summary>
/// <param name="Number">From 1.</param>
public sealed record EventTypeVersion(int Number, EventTypeDefinition Definition, DateTimeOffset At, ApiKeyId? Actor);

/// <summary>Reads read.event_types, which is written with the facts and never lags.</summary>
public sealed class EventTypeQueries(NpgsqlDataSource database, PostgresEventStore store)
{
    private const string Columns = "event_type_id, version, state, created_at, updated_at";

    private const string OneSql = $"select {Columns} from read.event_types where event_type_id = $1";

    /// <summary>A company's own types, and the installation's where it has none of the name.</summary>
    private const string Visible = $"""
        select {Columns} from read.event_types t
        where status <> 'deleted' and ($2::text is null or status = $2) and ($3::text is null or name ~ $3)
            and (company_id = $1 or (company_id = '{NoCompany}' and not exists (
                select from read.event_types o where o.company_id = $1 and o.name = t.name and o.status <> 'deleted')))
        """;

    private const string CountSql = "select count(*) from read.event_types where company_id = $1 and status <> 'deleted'";
    private const string NoCompany = "00000000-0000-0000-0000-000000000000";
    private const string ListSql = $"{Visible} and ($4::text is null or name > $4) order by name limit $5";
    private const string ListDescendingSql = $"{Visible} and ($4::text is null or name < $4) order by name desc limit $5";

    /// <returns>Null where there was never one; a deleted type is returned as such.</returns>
    public async Task<EventTypeView?> One(EventTypeId id, CancellationToken ct) =>
        await Read(OneSql, [new NpgsqlParameter<Guid> { TypedValue = id.Value }], ct) is [var row] ? row : null;

    /// <summary>By name: the company's own, else the installation's. Null where neither has it.</summary>
    public async Task<EventTypeView?> ByName(CompanyId company, string name, CancellationToken ct)
    {
        var own = await One(EventTypeId.Of(company, name), ct);
        if (own is null or { State.Status: EventTypeStatus.Deleted } && company != CompanyId.Installation)
        {
            own = await One(EventTypeId.Of(CompanyId.Installation, name), ct);
        }

        return own is { State.Status: EventTypeStatus.Deleted } ? null : own;
    }

    /// <summary>What a company may emit, by name: its own types and the installation's.</summary>
    /// <param name="pattern">As webhooks subscribe by (<see cref="EventTypePattern"/>); null: all.</param>
    /// <param name="status">active or deprecated; null: both.</param>
    /// <param name="afterName">The last name of the page before; null for the first page.</param>
    public Task<IReadOnlyList<EventTypeView>> List(CompanyId company, string? pattern, string? status, string? afterName, bool descending, int limit, CancellationToken ct) => Read(
        descending ? ListDescendingSql : ListSql,
        [
            new NpgsqlParameter<Guid> { TypedValue = company.Value },
            Text(status),
            Text(pattern is null ? null : Expression(pattern)),
            Text(afterName),
            new NpgsqlParameter<int> { TypedValue = limit },
        ],
        ct);

    /// <summary>How many types are a company's own.</summary>
    public Task<long> Count(CompanyId company, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(CountSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = company.Value });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    });

    /// <summary>Definitions that the type had, in the order of their numbers.</summary>
    /// <param name="beyond">The number they come after; descending, before. Null: from the end that is named.</param>
    public async Task<IReadOnlyList<EventTypeVersion>> Versions(EventTypeId id, int? beyond, bool descending, int limit, CancellationToken ct)
    {
        var versions = new List<EventTypeVersion>();
        foreach (var fact in await store.ReadStream(id.Value, 1, int.MaxValue, ct))
        {
            if (fact.Fact switch { EventTypeDefined f => f.Definition, EventTypeChanged f => f.Definition, _ => null } is { } definition)
            {
                versions.Add(new EventTypeVersion(versions.Count + 1, definition, fact.RecordedAt, fact.Actor));
            }
        }

        return [.. (descending ? Enumerable.Reverse(versions).Where(v => beyond is null || v.Number < beyond) : versions.Where(v => beyond is null || v.Number > beyond)).Take(limit)];
    }

    /// <summary>The pattern's rule as a regular expression: a star is a segment, at the end one or more.</summary>
    private static string Expression(string pattern)
    {
        var segments = pattern.Split('.');
        return $"^{string.Join(@"\.", segments.Select((s, i) => s != EventTypePattern.Star ? s : i == segments.Length - 1 ? ".*" : "[^.]*"))}$";
    }

    private static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    private Task<IReadOnlyList<EventTypeView>> Read(string sql, NpgsqlParameter[] parameters, CancellationToken ct) => DatabaseFailures.Typed<IReadOnlyList<EventTypeView>>(async () =>
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<EventTypeView>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(RowAt(reader));
        }

        return rows;
    });

    /// <summary>The row is in memory: nothing blocks.</summary>
    private static EventTypeView RowAt(NpgsqlDataReader reader) => new(
        new EventTypeId(reader.GetGuid(0)),
        reader.GetInt32(1),
        JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(2), FactJson.Instance.EventType) ?? throw new InvalidDataException("A row of read.event_types holds no event type."),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.GetFieldValue<DateTimeOffset>(4));
}
