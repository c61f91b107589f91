using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>In the transaction of each change of a webhook's health: when it is probed, and what is to be told of it.</summary>
public sealed class HealthProjection : IInlineProjection
{
    private const string Pause = """
        insert into delivery.pauses (webhook_id, company_id, probe_at) values ($1, $2, $3)
        on conflict (webhook_id) do update set probes = 0, probe_at = excluded.probe_at
        """;
    private const string EndPause = "delete from delivery.pauses where webhook_id = $1";

    // What was changed may be the mend.
    private const string ProbeNow = "update delivery.pauses set probes = 0, probe_at = now() where webhook_id = $1";
    private const string AddNotice = "insert into delivery.health_notices (webhook_id, version, company_id, type, payload) values ($1, $2, $3, $4, $5)";

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        var webhook = Uuid(fact.StreamId);
        switch (fact.Fact)
        {
            case WebhookPaused f:
                Add(batch, Pause, webhook, Uuid(fact.Company.Value), new NpgsqlParameter<DateTimeOffset> { TypedValue = f.FirstProbeAt });
                break;
            case WebhookRecovered or WebhookEnabled or WebhookDisabled or WebhookDeleted:
                Add(batch, EndPause, webhook);
                break;
            case WebhookUpdated:
                Add(batch, ProbeNow, webhook);
                break;
        }

        if (Notice(fact) is var (type, payload))
        {
            Add(batch, AddNotice, Uuid(fact.StreamId), new NpgsqlParameter<int> { TypedValue = fact.Version }, Uuid(fact.Company.Value),
                new NpgsqlParameter<string> { TypedValue = type }, new NpgsqlParameter<byte[]> { TypedValue = payload });
        }
    }

    /// <summary>Null: nobody is told, as of a webhook that somebody disabled.</summary>
    private static (string Type, byte[] Payload)? Notice(StoredFact stored) => stored.Fact switch
    {
        WebhookDegraded f => (EventTypes.Degraded, Payload(stored, "degraded", f.At, f.FailingSince, f.ConsecutiveFailures)),
        WebhookPaused f => (EventTypes.Paused, Payload(stored, "paused", f.At, f.FailingSince, f.ConsecutiveFailures, nextProbeAt: f.FirstProbeAt)),
        WebhookRecovered f => (EventTypes.Recovered, Payload(stored, "healthy", f.At)),
        WebhookDisabled { Reason: not (DisabledReason.Manual or DisabledReason.Off) } f => (EventTypes.Disabled, Payload(stored, "disabled", f.At, f.FailingSince, f.ConsecutiveFailures, reason: f.Reason)),
        _ => null,
    };

    private static byte[] Payload(
        StoredFact stored, string state, DateTimeOffset? since, DateTimeOffset? failingSince = null, int? failures = null, DateTimeOffset? nextProbeAt = null, DisabledReason? reason = null)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("webhook_sid", new WebhookId(stored.StreamId).ToString());
            json.WriteString("company_sid", stored.Company.ToString());
            json.WriteString("state", state);
            WriteTime(json, "since", since ?? stored.RecordedAt);
            if (reason is { } why)
            {
                json.WritePropertyName("reason");
                JsonSerializer.Serialize(json, why, FactJson.Instance.DisabledReason);
            }

            WriteTime(json, "failing_since", failingSince);
            if (failures is { } count)
            {
                json.WriteNumber("consecutive_failures", count);
            }

            WriteTime(json, "next_probe_at", nextProbeAt);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            json.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        }
    }

    private static NpgsqlParameter<Guid> Uuid(Guid value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Uuid };

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}
