using Npgsql;
using NpgsqlTypes;

namespace Webhooks.Delivery.Recording;

/// <summary>Rows turned into columns, which is how many of them travel as few parameters.</summary>
internal static class BatchColumns
{
    public static NpgsqlParameter[] QueueColumns(List<QueueRow> rows) =>
    [
        Uuids(Column(rows, static r => r.Delivery.Value)),
        Array(NpgsqlDbType.Smallint, Column(rows, static r => r.Shard)),
        Uuids(Column(rows, static r => r.Webhook.Value)),
        Uuids(Column(rows, static r => r.Message.Value)),
        Array(NpgsqlDbType.Integer, Column(rows, static r => r.Version)),
        Array(NpgsqlDbType.Integer, Column(rows, static r => r.Attempts)),
        Array(NpgsqlDbType.Integer, Column(rows, static r => r.Failures)),
        Array(NpgsqlDbType.TimestampTz, Column(rows, static r => DueAt(r.DueAt))),
    ];

    public static NpgsqlParameter[] SeriesColumns(List<QueueRow> rows) =>
    [
        Array(NpgsqlDbType.Smallint, Column(rows, static r => r.Series.Network == 0 ? null : (short?)r.Series.Network)),
        Array(NpgsqlDbType.Smallint, Column(rows, static r => r.Series.Timeout == 0 ? null : (short?)r.Series.Timeout)),
        Array(NpgsqlDbType.Integer, Column(rows, static r => r.Series.Unspent == 0 ? null : (int?)r.Series.Unspent)),
        Array(NpgsqlDbType.TimestampTz, Column(rows, static r => r.Series.StartedAt?.UtcDateTime)),
        Array(NpgsqlDbType.TimestampTz, Column(rows, static r => r.Series.ResentAt?.UtcDateTime)),
    ];

    public static NpgsqlParameter[] OrderColumns(List<QueueRow> rows) =>
    [
        Array(NpgsqlDbType.Bigint, Column(rows, static r => r.Sequence)),
        Array(NpgsqlDbType.Text, Column(rows, static r => r.OrderingKey)),
        Array(NpgsqlDbType.TimestampTz, Column(rows, static r => r.DeliverAt?.UtcDateTime)),
    ];

    // Npgsql writes DateTime.MaxValue as PostgreSQL's infinity.
    private static DateTime? DueAt(DateTimeOffset? dueAt) => dueAt == DateTimeOffset.MaxValue ? DateTime.MaxValue : dueAt?.UtcDateTime;

    public static TColumn[] Column<TRow, TColumn>(List<TRow> rows, Func<TRow, TColumn> select)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = select(rows[i]);
        }

        return column;
    }

    public static NpgsqlParameter<Guid[]> Uuids(Guid[] values) => Array(NpgsqlDbType.Uuid, values);

    public static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
