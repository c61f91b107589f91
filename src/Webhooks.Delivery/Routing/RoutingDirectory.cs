using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Routing;

/// <summary>
/// The node's picture of every company's webhooks, loaded when first asked for. It may be behind by a moment; an accept
/// is matched against it and checked in the transaction (<c>delivery.assert_routing</c>).
/// </summary>
public sealed class RoutingDirectory(NpgsqlDataSource dataSource, SecretSealer sealer)
{
    // One statement, so one snapshot: version and webhooks belong together.
    private const string Load = """
        select coalesce(r.version, 0), w.webhook_id, w.version, w.state, co.settings
        from (select $1::uuid as company_id) c
        left join read.companies co on co.company_id = c.company_id
        left join delivery.routing_versions r on r.company_id = c.company_id
        left join read.webhooks w on w.company_id = c.company_id and w.status <> 'deleted'
        """;

    private const string VersionSql = "select version from delivery.routing_versions where company_id = $1";

    private readonly ConcurrentDictionary<CompanyId, CompanyRouting> _companies = new();
    private readonly ConcurrentDictionary<CompanyId, Task<CompanyRouting>> _loading = new();

    /// <summary>Told, with the picture before, of each that was loaded.</summary>
    public Action<CompanyRouting?, CompanyRouting>? Loaded { get; set; }

    /// <summary>Null where this node has no picture of the company yet.</summary>
    public CompanyRouting? Present(CompanyId company) => _companies.GetValueOrDefault(company);

    public ValueTask<CompanyRouting> For(CompanyId company) =>
        _companies.TryGetValue(company, out var routing) ? new(routing) : new(LoadOnce(company));

    /// <summary>Loads anew, unless what is here is newer already than the version that was found to be stale.</summary>
    public Task<CompanyRouting> Reload(CompanyId company, long staleVersion) =>
        _companies.TryGetValue(company, out var routing) && routing.Version > staleVersion ? Task.FromResult(routing) : LoadOnce(company);

    /// <summary>A picture no older than this call: what waits is not parked or cancelled for what held a moment ago.</summary>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public async Task<CompanyRouting> Fresh(CompanyRouting picture)
    {
        var version = await Version(picture.Company);
        while (picture.Version < version)
        {
            // More than once only where a load was shared that had begun before the change.
            picture = await Reload(picture.Company, picture.Version);
        }

        return picture;
    }

    /// <summary>Loads anew what this node has a picture of and that differs from the version the database holds.</summary>
    public Task Follow(CompanyId company, long version) =>
        _companies.TryGetValue(company, out var routing) && routing.Version != version ? LoadOnce(company) : Task.CompletedTask;

    // Callers of one moment share a load. It may have read just before a change that a caller knows of; that caller's check fails again and it asks again.
    private Task<CompanyRouting> LoadOnce(CompanyId company)
    {
        var mine = new TaskCompletionSource<CompanyRouting>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shared = _loading.GetOrAdd(company, mine.Task);
        return shared == mine.Task ? LoadAndShare(company, mine) : shared;
    }

    private async Task<CompanyRouting> LoadAndShare(CompanyId company, TaskCompletionSource<CompanyRouting> load)
    {
        try
        {
            var routing = await Read(company);
            var before = Present(company);
            var present = _companies.AddOrUpdate(company, routing, (_, current) => current.Version > routing.Version ? current : routing);
            Loaded?.Invoke(before, present);
            load.SetResult(present);
        }
        catch (Exception e)
        {
            load.SetException(e);
        }
        finally
        {
            _loading.TryRemove(company, out _);
        }

        return await load.Task;
    }

    private Task<long> Version(CompanyId company) => DatabaseFailures.Typed(async () =>
    {
        await using var command = dataSource.CreateCommand(VersionSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = company.Value });
        return await command.ExecuteScalarAsync() is long version ? version : 0;
    });

    private Task<CompanyRouting> Read(CompanyId company) => DatabaseFailures.Typed(async () =>
    {
        await using var command = dataSource.CreateCommand(Load);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = company.Value });
        await using var reader = await command.ExecuteReaderAsync();
        var webhooks = new List<RoutedWebhook>();
        var version = 0L;
        CompanySettings? settings = null;
        while (await reader.ReadAsync())
        {
            version = reader.GetInt64(0);
            settings ??= await reader.IsDBNullAsync(4)
                ? CompanySettings.None
                : JsonSerializer.Deserialize(await reader.GetFieldValueAsync<byte[]>(4), FactJson.Instance.CompanySettings) ?? throw new JsonException("The settings of a company are null.");
            if (!await reader.IsDBNullAsync(1))
            {
                var state = JsonSerializer.Deserialize(await reader.GetFieldValueAsync<byte[]>(3), FactJson.Instance.Webhook) ?? throw new JsonException("The state of a webhook is null.");
                webhooks.Add(new RoutedWebhook(new WebhookId(reader.GetGuid(1)), reader.GetInt32(2), state, sealer));
            }
        }

        return new CompanyRouting(company, version, webhooks) { DefaultRetryPolicy = settings?.DefaultRetryPolicy, Weight = settings?.Weight ?? 1 };
    });
}
