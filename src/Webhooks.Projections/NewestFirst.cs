using System.Globalization;
using Npgsql;

namespace Webhooks.Projections;

/// <summary>
/// One page of a list whose keys are UUIDv7, newest first. What an index knows leads; other conditions judge the rows that
/// the index brings, and a page examines a bounded number of them, so that no filter makes a request slow.
/// </summary>
/// <remarks>
/// Leading columns and key are compared and ordered as one row. With plain equality the planner may follow the key's own
/// index instead, hoping to meet rows of this company soon: on a company whose rows are all old it reads the whole table.
/// </remarks>
/// <param name="columns">The key is the first.</param>
internal sealed class NewestFirst(string table, string key, string columns)
{
    /// <summary>Rows that one page examines at most where it has to judge them: tens of milliseconds.</summary>
    public const int MaxExamined = 20_000;

    private readonly NpgsqlBatchCommand _command = new();
    private readonly List<(string Column, string Value)> _leading = [];
    private readonly List<string> _conditions = [];
    private readonly List<string> _judging = [];

    /// <summary>The next column of the index to follow, in its order; a null value adds nothing.</summary>
    public void Lead(string column, Guid? value)
    {
        if (value is { } known)
        {
            _leading.Add((column, Parameter(known)));
        }
    }

    public void Lead(string column, int value) => _leading.Add((column, value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A condition on the whole list, or one that an index holds by its definition.</summary>
    public void Where(string condition) => _conditions.Add(condition);

    /// <param name="condition">With <c>{0}</c> for the value; a null value adds nothing.</param>
    public void Where<T>(string condition, T? value)
    {
        if (value is not null)
        {
            _conditions.Add(string.Format(CultureInfo.InvariantCulture, condition, Parameter(value)));
        }
    }

    public void Judge(string condition) => _judging.Add(condition);

    public void Judge(string condition, string? value)
    {
        if (value is not null)
        {
            _judging.Add(string.Format(CultureInfo.InvariantCulture, condition, Parameter(value)));
        }
    }

    /// <summary>To be called after all that leads.</summary>
    /// <param name="before">The last key of the page before.</param>
    public void Between(DateTimeOffset? since, DateTimeOffset? until, Guid? before)
    {
        Bound(">=", UuidTime.FirstAt(since) ?? Guid.Empty);
        Bound("<=", Guid.AllBitsSet);
        if (UuidTime.FirstAt(until) is { } end)
        {
            Bound("<", end);
        }

        if (before is { } last)
        {
            Bound("<", last);
        }
    }

    /// <param name="take">Rows wanted: one more than the page holds, to know whether there is a next one.</param>
    public NpgsqlBatchCommand Command(int take)
    {
        var order = string.Join(", ", _leading.Select(l => l.Column).Append(key).Select(c => c + " desc"));
        var where = string.Join(" and ", _conditions);
        _command.CommandText = _judging.Count == 0
            ? $"select {columns}, true, false from {table} where {where} order by {order} limit {take}"
            : Bounded(order, where, string.Join(" and ", _judging), take);
        return _command;
    }

    /// <summary>Rows are numbered while the index is followed, and following ends with the page; the row at the bound comes along whatever it is, as the place to go on from.</summary>
    private string Bounded(string order, string where, string judging, int take) => $"""
        select {columns}, {judging}, n = {MaxExamined} from (
            select {columns}, row_number() over (order by {order}) n
            from {table} where {where} order by {order} limit {MaxExamined}) examined
        where ({judging}) or n = {MaxExamined}
        order by {order} limit {take}
        """;

    private void Bound(string comparison, Guid value)
    {
        var columnList = string.Join(", ", _leading.Select(l => l.Column).Append(key));
        var values = string.Join(", ", _leading.Select(l => l.Value).Append(Parameter(value)));
        _conditions.Add($"({columnList}) {comparison} ({values})");
    }

    private string Parameter<T>(T value)
    {
        _command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_command.Parameters.Count}";
    }

    public static async Task<Page<TItem, TId>> ReadPage<TItem, TId>(
        NpgsqlDataReader reader, int pageSize, Freshness? freshness, Func<NpgsqlDataReader, TItem> read, Func<Guid, TId> id, CancellationToken ct)
        where TId : struct
    {
        var items = new List<TItem>(pageSize);
        var last = Guid.Empty;
        while (await reader.ReadAsync(ct))
        {
            if (items.Count == pageSize)
            {
                return new(items, id(last), freshness);
            }

            last = reader.GetGuid(0);
            var (matches, atBound) = (reader.GetBoolean(reader.FieldCount - 2), reader.GetBoolean(reader.FieldCount - 1));
            if (matches)
            {
                items.Add(read(reader));
            }

            if (atBound)
            {
                return new(items, id(last), freshness);
            }
        }

        return new(items, null, freshness);
    }
}
