using System.Text;
using Npgsql;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Projections.Deliveries;

/// <summary>The statement of one page of the list: which index leads, and how far it may be followed in search of rare rows.</summary>
internal static class DeliveryListSql
{
    /// <summary>Rows that one page may examine where no index knows the filter: some 20 ms.</summary>
    public const int MaxExamined = 20_000;

    private const string Columns = "delivery_id, company_id, webhook_id, message_id, type, status, attempts, failures, last_status, last_failure, next_attempt_at, updated_at";

    /// <param name="before">Last key of the page before; the list goes on below it.</param>
    /// <param name="ofEvent">The deliveries of the event that is filtered by.</param>
    /// <param name="take">Rows wanted.</param>
    public static NpgsqlBatchCommand Command(DeliveryFilter filter, Guid? before, Guid[]? ofEvent, int take)
    {
        var command = new NpgsqlBatchCommand();
        var leading = new StringBuilder("true");
        var residual = new StringBuilder("true");
        Add(leading, command, filter.Webhook?.Value, "webhook_id =");
        if (filter is { Webhook: not null, Company: { } company })
        {
            // Decided once for all rows, so that another company's webhook yields an empty list and not a long search.
            Add(leading, command, company.Value, $"exists (select from read.webhooks w where w.webhook_id = $1 and w.company_id =", ")");
        }
        else
        {
            Add(leading, command, filter.Company?.Value, "company_id =");
        }

        Add(leading, command, before, "delivery_id <");
        Add(leading, command, filter.Since is { } since ? UuidTime.FirstAt(since) : null, "delivery_id >=");
        Add(leading, command, filter.Until is { } until ? UuidTime.FirstAt(until) : null, "delivery_id <");
        if (ofEvent is not null)
        {
            leading.Append(" and delivery_id = any(").Append(Parameter(command, ofEvent)).Append(')');
        }

        AddStatus(filter, leading, residual);
        if (filter.Type is { } type)
        {
            residual.Append(" and type = ").Append(Parameter(command, type));
        }

        command.CommandText = residual.Length == "true".Length ? Direct(leading, take) : Bounded(leading, residual, take);
        return command;
    }

    /// <summary>A constant, not a parameter: the planner must see that it is one of those that the partial indexes hold.</summary>
    private static void AddStatus(DeliveryFilter filter, StringBuilder leading, StringBuilder residual)
    {
        if (filter.Status is { } status)
        {
            var indexed = status != DeliveryStatus.Succeeded && (filter.Company is not null || filter.Webhook is not null);
            (indexed ? leading : residual).Append(" and status = ").Append((int)status);
        }
    }

    private static string Direct(StringBuilder leading, int take) =>
        $"select {Columns}, true, false from read.deliveries where {leading} order by delivery_id desc limit {take}";

    /// <summary>Rows are numbered and judged while the index is followed; the row at the bound is returned whatever it is, as the place to go on from.</summary>
    private static string Bounded(StringBuilder leading, StringBuilder residual, int take) => $"""
        select {Columns}, {residual}, n = {MaxExamined} from (
            select {Columns}, row_number() over (order by delivery_id desc) n
            from read.deliveries where {leading} order by delivery_id desc limit {MaxExamined}) examined
        where ({residual}) or n = {MaxExamined}
        order by delivery_id desc limit {take}
        """;

    private static void Add(StringBuilder where, NpgsqlBatchCommand command, Guid? value, string condition, string end = "")
    {
        if (value is { } known)
        {
            where.Append(" and ").Append(condition).Append(' ').Append(Parameter(command, known)).Append(end);
        }
    }

    private static string Parameter<T>(NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${command.Parameters.Count}";
    }
}
