using System.Reflection;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>
/// Transaction ids are a cluster's own. A log that was dumped and loaded into a younger cluster names ids that are still to come there;
/// each assembly's <c>Schema/after_restore.sql</c> then brings its tables into this cluster's past.
/// </summary>
internal static class RestoredLog
{
    public const string Step = "after_restore";

    private const string FromElsewhereSql = """
        select coalesce((select tx from es.events order by tx desc, seq desc limit 1) >= pg_snapshot_xmax(pg_current_snapshot()), false)
        """;

    /// <returns>Whether there was anything to do.</returns>
    public static async Task<bool> Restamp(NpgsqlConnection connection, IReadOnlyList<Assembly> assemblies, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var question = new NpgsqlCommand(FromElsewhereSql, connection, transaction);
        if (await question.ExecuteScalarAsync(ct) is not true)
        {
            return false;
        }

        foreach (var sql in assemblies.SelectMany(Scripts))
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return true;
    }

    private static IEnumerable<string> Scripts(Assembly assembly)
    {
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.EndsWith($".Schema.{Step}.sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return reader.ReadToEnd();
        }
    }
}
