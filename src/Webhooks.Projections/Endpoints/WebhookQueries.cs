using System.Globalization;
using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Projections.Endpoints;

/// <param name="Version">Of the webhook's stream.</param>
public sealed record WebhookView(WebhookId Id, int Version, Webhook State, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Null unless it is paused.</summary>
    public DateTimeOffset? NextProbeAt { get; init; }
}

public enum WebhookSort
{
    Url,
    Label,
    CreatedAt,
}

/// <summary>The last row of a page: its value of the sorted column, and its id where values are equal.</summary>
/// <param name="Key">Of <see cref="WebhookSort.CreatedAt"/> the time in round-trip form.</param>
public readonly record struct WebhookCursor(string Key, WebhookId Id);

/// <summary>Reads read.webhooks, which is written with the facts and never lags.</summary>
public sealed class WebhookQueries(NpgsqlDataSource database)
{
    /// <summary>The next probe moves from probe to probe, which is no change of the webhook, so it stands where probes are planned.</summary>
    private const string Columns = "webhook_id, version, state, created_at, updated_at, (select p.probe_at from delivery.pauses p where p.webhook_id = webhooks.webhook_id)";

    private const string OneSql = $"select {Columns} from read.webhooks where webhook_id = $1";

    private const string AnySql = $"select {Columns} from read.webhooks limit 1";

    /// <returns>Null where there is none; a deleted webhook is returned as such.</returns>
    public Task<WebhookView?> One(WebhookId id, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(OneSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    });

    /// <summary>Some webhook, to see whether its secrets open; null where there is none.</summary>
    public Task<WebhookView?> Any(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(AnySql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    });

    /// <summary>Webhooks that are not deleted.</summary>
    /// <param name="company">Null, for admin keys only: of all companies.</param>
    /// <param name="pageSize">From 1.</param>
    public Task<Page<WebhookView, WebhookCursor>> List(
        CompanyId? company, WebhookSort sort, bool descending, WebhookCursor? after, int pageSize, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var command = ListCommand(company, sort, descending, after, pageSize);
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await ReadPage(reader, sort, pageSize, ct);
    });

    /// <summary>As the other one, in a transaction that changes them.</summary>
    public static async Task<Page<WebhookView, WebhookCursor>> List(
        EventSession session, CompanyId company, WebhookSort sort, WebhookCursor? after, int pageSize, CancellationToken ct)
    {
        await using var command = ListCommand(company, sort, descending: false, after, pageSize);
        return await session.Query(command, reader => ReadPage(reader, sort, pageSize, ct), ct);
    }

    private static async Task<Page<WebhookView, WebhookCursor>> ReadPage(NpgsqlDataReader reader, WebhookSort sort, int pageSize, CancellationToken ct)
    {
        var rows = new List<WebhookView>(pageSize);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(Read(reader));
        }

        if (rows.Count <= pageSize)
        {
            return new Page<WebhookView, WebhookCursor>(rows, null, null);
        }

        rows.RemoveAt(pageSize);
        return new Page<WebhookView, WebhookCursor>(rows, new WebhookCursor(KeyOf(rows[^1], sort), rows[^1].Id), null);
    }

    /// <summary>One row more than the page holds, to know whether there is a next page.</summary>
    internal static NpgsqlCommand ListCommand(CompanyId? company, WebhookSort sort, bool descending, WebhookCursor? after, int pageSize)
    {
        var (column, direction, beyond) = (Column(sort), descending ? "desc" : "asc", descending ? "<" : ">");
        var command = new NpgsqlCommand();
        var where = "status <> 'deleted'";
        if (company is { } only)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = only.Value });
            where += $" and company_id = ${command.Parameters.Count}";
        }

        if (after is { } last)
        {
            command.Parameters.Add(KeyParameter(last.Key, sort));
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last.Id.Value });
            where += $" and ({column}, webhook_id) {beyond} (${command.Parameters.Count - 1}, ${command.Parameters.Count})";
        }

        command.CommandText = $"""
            select {Columns} from read.webhooks
            where {where} order by {column} {direction}, webhook_id {direction} limit {pageSize + 1}
            """;
        return command;
    }

    private static string Column(WebhookSort sort) => sort switch
    {
        WebhookSort.Url => "url",
        WebhookSort.Label => "label",
        WebhookSort.CreatedAt => "created_at",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "No such order."),
    };

    private static NpgsqlParameter KeyParameter(string key, WebhookSort sort) => sort == WebhookSort.CreatedAt
        ? new NpgsqlParameter<DateTimeOffset> { TypedValue = DateTimeOffset.Parse(key, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) }
        : new NpgsqlParameter<string> { TypedValue = key };

    private static string KeyOf(WebhookView row, WebhookSort sort) => sort switch
    {
        WebhookSort.Url => row.State.Configuration!.Url,
        WebhookSort.Label => row.State.Configuration!.Label,
        _ => row.CreatedAt.ToString("O", CultureInfo.InvariantCulture),
    };

    private static WebhookView Read(NpgsqlDataReader reader) => new(
        new WebhookId(reader.GetGuid(0)),
        reader.GetInt32(1),
        JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(2), FactJson.Instance.Webhook) ?? throw new InvalidDataException("A row of read.webhooks holds no webhook."),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.GetFieldValue<DateTimeOffset>(4))
    {
        NextProbeAt = reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
    };
}
