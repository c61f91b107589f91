using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;

namespace Webhooks.Delivery.Health;

/// <summary>
/// Tells changes of health to the company's webhooks that name their type. What is to be told was written in the transaction
/// of the change, and is emitted under an idempotency key of its own: a crash at any point leaves exactly one event.
/// </summary>
public sealed class HealthNotices(NpgsqlDataSource dataSource, EventAcceptance acceptance, ILogger<HealthNotices> log)
{
    private const string Waiting = """
        select webhook_id, version, company_id, type, payload from delivery.health_notices
        where (webhook_id, version) > ($1, $2) order by webhook_id, version limit $3
        """;
    private const string Told = "delete from delivery.health_notices where webhook_id = $1 and version = $2";

    private NoticePages<Notice>? _pages;

    /// <summary>A page of them. Returns how many were told.</summary>
    public Task<int> RunOnce(CancellationToken ct) => (_pages ??= new NoticePages<Notice>(static n => (n.Webhook.Value, n.Version), Tell, Done)).Next(Read, ct);

    private async Task<int> Done(Notice notice, CancellationToken ct)
    {
        await using var done = dataSource.CreateCommand(Told);
        done.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = notice.Webhook.Value });
        done.Parameters.Add(new NpgsqlParameter<int> { TypedValue = notice.Version });
        return await done.ExecuteNonQueryAsync(ct);
    }

    /// <returns>False: to be tried again later.</returns>
    private async Task<bool> Tell(Notice notice, CancellationToken ct)
    {
        // With spaces, which an emitter's own key can't have.
        var key = $"health of {notice.Webhook} at {notice.Version}";
        var e = new EventToEmit(notice.Company, notice.Type, notice.Payload, key, null, notice.Webhook.Value) { About = notice.Webhook };
        switch (await acceptance.Emit(e, ct).WaitAsync(ct))
        {
            case EmitOutcome.Accepted:
                return true;
            case EmitOutcome.Unavailable or EmitOutcome.Unknown:
                return false;
            case var outcome:
                log.LogError("The change of health of {Webhook} at version {Version} could not be told: {Outcome}", notice.Webhook, notice.Version, outcome);
                return true;
        }
    }

    private async Task<List<Notice>> Read((Guid Id, int Version) after, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(Waiting);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after.Version });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = NoticePages<Notice>.Size });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var notices = new List<Notice>();
        while (await reader.ReadAsync(ct))
        {
            notices.Add(new Notice(new(reader.GetGuid(0)), reader.GetInt32(1), new(reader.GetGuid(2)), reader.GetString(3), await reader.GetFieldValueAsync<byte[]>(4, ct)));
        }

        return notices;
    }

    private sealed record Notice(WebhookId Webhook, int Version, CompanyId Company, string Type, byte[] Payload);
}
