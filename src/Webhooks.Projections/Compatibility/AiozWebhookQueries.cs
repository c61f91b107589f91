using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.EventStore;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Projections.Compatibility;

/// <summary>Which webhooks of the profile aiozstream a company wants to see.</summary>
/// <param name="Search">Stands in the label, whatever its case; null: any.</param>
/// <param name="Takes">Event types of two segments, such as <c>file.received</c>, of which each is to be taken.</param>
/// <param name="Offset">From 0.</param>
/// <param name="Limit">From 1.</param>
public sealed record AiozWebhookFilter(CompanyId Company, string? Search, IReadOnlyList<string> Takes, AiozWebhookSort Sort, bool Descending, int Offset, int Limit);

public enum AiozWebhookSort
{
    CreatedAt,
    Name,
    Url,
}

/// <param name="LastTriggeredAt">When the last delivery to it was planned; null before the first.</param>
public sealed record AiozWebhook(WebhookView Webhook, DateTimeOffset? LastTriggeredAt);

/// <param name="Total">Of all pages.</param>
public sealed record AiozWebhookPage(IReadOnlyList<AiozWebhook> Items, long Total);

/// <summary>Lists as AIOZ Stream lists: by offset, with the number of all, which takes a look at every webhook of the company.</summary>
public sealed class AiozWebhookQueries(NpgsqlDataSource database)
{
    /// <summary>Plain json: jsonb refuses a NUL, which a filter or a shape may hold.</summary>
    private const string Found = """
        with configured as (
            select webhook_id, version, state, created_at, updated_at, label, url, convert_from(state, 'UTF8')::json -> 'configuration' as configuration
            from read.webhooks where company_id = $1 and status <> 'deleted'
        ), found as (
            select w.*, (w.configuration -> 'event_types')::jsonb as types
            from configured w
            where w.configuration ->> 'profile' = 'aiozstream' and ($2::text[] is null or w.label = any($2))
        ), chosen as (
            select * from found
            where types = '[]' or not exists (select from jsonb_array_elements($3::jsonb) one where not types ?| array(select jsonb_array_elements_text(one)))
        )
        """;

    private const string LabelsSql = "select distinct label from read.webhooks where company_id = $1 and status <> 'deleted'";

    private const string LastTriggeredSql = "select delivery_id from read.deliveries where webhook_id = $1 order by delivery_id desc limit 1";

    /// <summary>Follows the log a moment behind, as the list of deliveries does.</summary>
    public Task<DateTimeOffset?> LastTriggeredAt(WebhookId webhook, CancellationToken ct) => DatabaseFailures.Typed<DateTimeOffset?>(async () =>
    {
        await using var command = database.CreateCommand(LastTriggeredSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhook.Value });
        return await command.ExecuteScalarAsync(ct) is Guid delivery ? UuidTime.Of(delivery) : null;
    });

    public Task<AiozWebhookPage> List(AiozWebhookFilter filter, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var labels = filter.Search is { } search ? await LabelsWith(connection, filter.Company, search, ct) : null;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(filter, labels, "select count(*) from chosen"));
        batch.BatchCommands.Add(PageCommand(filter, labels));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var total = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var items = new List<AiozWebhook>();
        while (await reader.ReadAsync(ct))
        {
            items.Add(Read(reader));
        }

        return new AiozWebhookPage(items, total);
    });

    /// <summary>Compared here: a database whose locale is C, as the embedded one's is, knows the case of ASCII letters alone.</summary>
    private static async Task<string[]> LabelsWith(NpgsqlConnection connection, CompanyId company, string search, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LabelsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = company.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var labels = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            labels.Add(reader.GetString(0));
        }

        return [.. labels.Where(l => l.Contains(search, StringComparison.OrdinalIgnoreCase))];
    }

    private static NpgsqlBatchCommand PageCommand(AiozWebhookFilter filter, string[]? labels)
    {
        var column = filter.Sort switch
        {
            AiozWebhookSort.CreatedAt => "created_at",
            AiozWebhookSort.Name => "label",
            AiozWebhookSort.Url => "url",
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Sort, "No such order."),
        };
        var direction = filter.Descending ? "desc" : "asc";
        return Command(filter, labels, $"""
            select w.webhook_id, w.version, w.state, w.created_at, w.updated_at,
                (select d.delivery_id from read.deliveries d where d.webhook_id = w.webhook_id order by d.delivery_id desc limit 1)
            from (select * from chosen order by {column} {direction}, webhook_id {direction} offset {filter.Offset} limit {filter.Limit}) w
            order by w.{column} {direction}, w.webhook_id {direction}
            """);
    }

    /// <param name="labels">Those that are wanted; null: any.</param>
    private static NpgsqlBatchCommand Command(AiozWebhookFilter filter, string[]? labels, string select)
    {
        var command = new NpgsqlBatchCommand($"{Found}\n{select}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = filter.Company.Value });
        command.Parameters.Add(new NpgsqlParameter<string[]?> { TypedValue = labels, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(filter.Takes.Select(Takers)), NpgsqlDbType = NpgsqlDbType.Jsonb });
        return command;
    }

    /// <summary>Everything by which a webhook may subscribe to a type of two segments: <see cref="Domain.Messages.EventTypePattern"/>.</summary>
    private static string[] Takers(string type) => type.Split('.') is [var first, var second]
        ? [type, $"{first}.*", $"*.{second}", "*.*", "*"]
        : throw new ArgumentException("Only types of two segments can be asked for.", nameof(type));

    /// <summary>The row is in memory: nothing blocks.</summary>
    private static AiozWebhook Read(NpgsqlDataReader reader) => new(
        new WebhookView(
            new WebhookId(reader.GetGuid(0)),
            reader.GetInt32(1),
            JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(2), FactJson.Instance.Webhook) ?? throw new InvalidDataException("A row of read.webhooks holds no webhook."),
            reader.GetFieldValue<DateTimeOffset>(3),
            reader.GetFieldValue<DateTimeOffset>(4)),
        reader.IsDBNull(5) ? null : UuidTime.Of(reader.GetGuid(5)));
}
