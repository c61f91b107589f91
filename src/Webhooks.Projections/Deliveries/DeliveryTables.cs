using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Projections.Messages;

namespace Webhooks.Projections.Deliveries;

/// <summary>
/// read.deliveries, or its successor while a rebuild fills it. Statements are planned anew for each page: a plan made for
/// an empty table would scan the full one.
/// </summary>
internal sealed class DeliveryTables(string schema)
{
    public static readonly DeliveryTables Live = new("read");

    /// <summary>Rows that change are taken out and copied in again with the new ones: as dear as an update that moves index entries, and one statement less.</summary>
    private readonly string _take = $"delete from {schema}.deliveries where delivery_id = any($1) returning {DeliveryRow.Columns}";

    private const string EmittedSql = "select stream_id, data from es.events where stream_id = any($1) and version = 1";

    private readonly string _copy = $"copy {schema}.deliveries ({DeliveryRow.Columns}) from stdin (format binary)";

    /// <summary>Brings the table from before the page to after it, in the transaction that the connection is in.</summary>
    /// <returns>How many rows were written.</returns>
    public async Task<int> Write(NpgsqlConnection connection, IReadOnlyList<StoredFact> facts, CancellationToken ct)
    {
        var page = new DeliveryPage(facts);
        var earlier = page.EarlierDeliveries.Count == 0 ? [] : await Take(connection, page.EarlierDeliveries, ct);
        var emitted = page.EarlierMessages.Count == 0 ? [] : await ReadEmitted(connection, page.EarlierMessages, ct);
        var deliveries = page.Fold(earlier, emitted);
        if (deliveries.Count > 0)
        {
            await Copy(connection, deliveries, ct);
        }

        return deliveries.Count;
    }

    private async Task<List<DeliveryRow>> Take(NpgsqlConnection connection, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(_take, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<DeliveryRow>(ids.Count);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(DeliveryRow.Read(reader));
        }

        return rows;
    }

    private async Task<List<KeyValuePair<Guid, EventEmitted>>> ReadEmitted(NpgsqlConnection connection, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(EmittedSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var emitted = new List<KeyValuePair<Guid, EventEmitted>>(ids.Count);
        while (await reader.ReadAsync(ct))
        {
            emitted.Add(new(reader.GetGuid(0), (EventEmitted)FactCatalogue.Deserialize(MessageQueries.Emitted, await reader.GetFieldValueAsync<byte[]>(1, ct))));
        }

        return emitted;
    }

    private async Task Copy(NpgsqlConnection connection, IReadOnlyCollection<DeliveryRow> rows, CancellationToken ct)
    {
        await using var import = await connection.BeginBinaryImportAsync(_copy, ct);
        foreach (var row in rows)
        {
            await import.StartRowAsync(ct);
            await import.WriteAsync(row.DeliveryId, NpgsqlDbType.Uuid, ct);
            await import.WriteAsync(row.CompanyId, NpgsqlDbType.Uuid, ct);
            await import.WriteAsync(row.WebhookId, NpgsqlDbType.Uuid, ct);
            await import.WriteAsync(row.MessageId, NpgsqlDbType.Uuid, ct);
            await import.WriteAsync(row.Type, NpgsqlDbType.Text, ct);
            await import.WriteAsync((short)row.State.Status, NpgsqlDbType.Smallint, ct);
            await import.WriteAsync(row.State.Attempts, NpgsqlDbType.Integer, ct);
            await import.WriteAsync(row.State.Failures, NpgsqlDbType.Integer, ct);
            await WriteOrNull(import, row.LastStatus, NpgsqlDbType.Integer, ct);
            await WriteOrNull(import, (short?)row.LastFailure, NpgsqlDbType.Smallint, ct);
            await WriteOrNull(import, row.State.NextAttemptAt?.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct);
            await import.WriteAsync(row.UpdatedAt, NpgsqlDbType.TimestampTz, ct);
            await WriteSeries(import, row.State.Series, ct);
            await WriteOrNull(import, row.Sequence, NpgsqlDbType.Bigint, ct);
            await (row.OrderingKey is { } key ? import.WriteAsync(key, NpgsqlDbType.Text, ct) : import.WriteNullAsync(ct));
            await WriteOrNull(import, row.DeliverAt?.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct);
            await WriteOrNull<bool>(import, row.State.BlocksKey ? true : null, NpgsqlDbType.Boolean, ct);
        }

        await import.CompleteAsync(ct);
    }

    private static async Task WriteSeries(NpgsqlBinaryImporter import, Series series, CancellationToken ct)
    {
        await WriteOrNull(import, series.Network == 0 ? null : (short?)series.Network, NpgsqlDbType.Smallint, ct);
        await WriteOrNull(import, series.Timeout == 0 ? null : (short?)series.Timeout, NpgsqlDbType.Smallint, ct);
        await WriteOrNull(import, series.Unspent == 0 ? null : (int?)series.Unspent, NpgsqlDbType.Integer, ct);
        await WriteOrNull(import, series.StartedAt?.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct);
        await WriteOrNull(import, series.ResentAt?.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct);
    }

    private static Task WriteOrNull<T>(NpgsqlBinaryImporter import, T? value, NpgsqlDbType type, CancellationToken ct)
        where T : struct => value is { } known ? import.WriteAsync(known, type, ct) : import.WriteNullAsync(ct);
}
