using System.Text;
using Npgsql;

namespace Webhooks.Projections;

/// <summary>
/// One page of a list whose keys are UUIDv7, newest first. Conditions that an index knows lead; others judge the rows that
/// the index brings, and a page examines a bounded number of them, so that no filter makes a request slow.
/// </summary>
/// <param name="columns">The key is the first.</param>
internal sealed class NewestFirst(string table, string key, string columns)
{
    /// <summary>Rows that one page examines at most where it has to judge them: tens of milliseconds.</summary>
    public const int MaxExamined = 20_000;

    private readonly NpgsqlBatchCommand _command = new();
    private readonly StringBuilder _leading = new("true");
    private readonly StringBuilder _judging = new();

    /// <param name="condition">With <c>{0}</c> for the value; a null value adds nothing.</param>
    public void Lead<T>(string condition, T? value)
        where T : struct
    {
        if (value is { } known)
        {
            _leading.Append(" and ").AppendFormat(condition, Parameter(known));
        }
    }

    public void Lead(string condition, Guid[]? values)
    {
        if (values is not null)
        {
            _leading.Append(" and ").AppendFormat(condition, Parameter(values));
        }
    }

    /// <summary>A condition of constants: the planner sees whether a partial index holds it.</summary>
    public void Lead(string condition) => _leading.Append(" and ").Append(condition);

    /// <param name="before">The last key of the page before.</param>
    public void Between(DateTimeOffset? since, DateTimeOffset? until, Guid? before)
    {
        Lead(key + " >= {0}", UuidTime.FirstAt(since));
        Lead(key + " < {0}", UuidTime.FirstAt(until));
        Lead(key + " < {0}", before);
    }

    public void Judge(string condition, string? value)
    {
        if (value is not null)
        {
            Judge(string.Format(condition, Parameter(value)));
        }
    }

    public void Judge(string condition) => _judging.Append(_judging.Length == 0 ? "" : " and ").Append(condition);

    /// <param name="take">Rows wanted: one more than the page holds, to know whether there is a next one.</param>
    public NpgsqlBatchCommand Command(int take)
    {
        _command.CommandText = _judging.Length == 0
            ? $"select {columns}, true, false from {table} where {_leading} order by {key} desc limit {take}"
            : Bounded(take);
        return _command;
    }

    /// <summary>Rows are numbered while the index is followed, and following ends with the page; the row at the bound comes along whatever it is, as the place to go on from.</summary>
    private string Bounded(int take) => $"""
        select {columns}, {_judging}, n = {MaxExamined} from (
            select {columns}, row_number() over (order by {key} desc) n
            from {table} where {_leading} order by {key} desc limit {MaxExamined}) examined
        where ({_judging}) or n = {MaxExamined}
        order by {key} desc limit {take}
        """;

    private string Parameter<T>(T value)
    {
        _command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_command.Parameters.Count}";
    }

    public static async Task<Page<TItem, TId>> ReadPage<TItem, TId>(
        NpgsqlDataReader reader, int pageSize, Freshness freshness, Func<NpgsqlDataReader, TItem> read, Func<Guid, TId> id, CancellationToken ct)
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
