using Npgsql;

namespace Webhooks.EventStore.Tests.Subscriptions;

/// <summary>Writes the name of every fact into a table, with the position: a repetition shows.</summary>
public sealed class Names(string name = "names") : ISubscription
{
    public const string Table = "create table if not exists names (n bigint generated always as identity, subscription text, name text)";

    public string Name => name;

    /// <summary>Runs after the effects are written and before they are committed.</summary>
    public Func<Task> BeforeCommit { get; set; } = () => Task.CompletedTask;

    public async Task Process(IReadOnlyList<StoredFact> page, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("insert into names (subscription, name) select $1, unnest($2::text[])", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. page.Select(EmptyLog.NameOf)] });
        await command.ExecuteNonQueryAsync(ct);
        await BeforeCommit();
    }

    public static Task<string> Written(EmptyLog log, string name = "names") =>
        log.Scalar<string>($"select coalesce(string_agg(name, ' ' order by n), '') from names where subscription = '{name}'");
}
