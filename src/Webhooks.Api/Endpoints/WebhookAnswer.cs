using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>A webhook on the wire.</summary>
/// <param name="RetryPolicy">Null: the company's default, or the installation's.</param>
/// <param name="DisabledReason">Null while it is active.</param>
/// <param name="Version">As in the ETag.</param>
public sealed record WebhookAnswer(
    WebhookId Sid,
    CompanyId CompanySid,
    string Label,
    string Url,
    string Method,
    int TimeoutMs,
    int MaxAttempts,
    IReadOnlyList<HeaderAnswer> Headers,
    IReadOnlyList<string> EventTypes,
    SignatureScheme SignatureScheme,
    RetryPolicy? RetryPolicy,
    OrderingMode Ordering,
    OnExhausted OnExhausted,
    bool SequenceNumbers,
    WebhookStatus Status,
    DisabledReason? DisabledReason,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version)
{
    /// <summary>What of it nobody sends: a PUT that sends it back changes nothing by it.</summary>
    internal static readonly string[] SetByTheService = ["sid", "status", "disabled_reason", "health", "created_at", "updated_at", "version"];

    /// <summary>The profile it was last given; what that chose stands beside it. Null: none.</summary>
    public WebhookProfile? Profile { get; init; }

    /// <summary>Null: the one of <see cref="SignatureScheme"/> alone.</summary>
    public IReadOnlyList<SignatureSettings>? Signatures { get; init; }

    /// <summary>Null: as the signature scheme has it.</summary>
    public BodyFraming? BodyFraming { get; init; }

    /// <summary>What GetStream's X-API-KEY says; null: it is not sent.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How it takes what it is sent.</summary>
    public required HealthAnswer Health { get; init; }

    /// <summary>Null: HTTP, to the url.</summary>
    public DestinationAnswer? Destination { get; init; }

    /// <summary>Null: none but the signature.</summary>
    public AuthAnswer? Auth { get; init; }

    /// <summary>Null: all as by default.</summary>
    public TransportAnswer? Transport { get; init; }

    /// <summary>Empty: events of all channels and of none.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Null: all payloads.</summary>
    public JsonText? Filter { get; init; }

    /// <summary>Null: payloads are sent as they are.</summary>
    public JsonText? Shape { get; init; }

    /// <summary>Null: the installation's defaults.</summary>
    public DeliveryLimits? Limits { get; init; }

    public const string Example = """
        {"sid":"wh_01h455vb4pex5vsknk084sn02q","company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Media","url":"https://hooks.example.com/media",
         "method":"POST","timeout_ms":5000,"max_attempts":5,"headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":false}],
         "event_types":["file.received"],"profile":"standard","signature_scheme":"standard","signatures":[{"scheme":"standard"},{"scheme":"custom","custom":{"signature_header":"X-Acme-Signature","content":"{{timestamp}}.{{body}}","prefix":"t={{timestamp}},v1="}}],"body_framing":"payload","retry_policy":{"kind":"fixed","interval_ms":3000},
         "limits":{"max_in_flight":10,"rate":{"count":100,"per":"second"}},
         "ordering":"none","on_exhausted":"skip","sequence_numbers":false,"status":"active",
         "health":{"state":"paused","since":"2026-01-31T12:10:00.000Z","failing_since":"2026-01-31T12:05:00.000Z","consecutive_failures":20,"next_probe_at":"2026-01-31T12:10:30.000Z"},
         "auth":{"kind":"bearer","token":"[redacted]"},"transport":{"http_version":"2","compression":"gzip"},
         "created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:00:00.000Z","version":2,
         "channels":["eu"],"filter":{"media.size":{"$gt":1000}},"shape":{"drop":["media.internal"]}}
        """;

    /// <param name="reveal">Whether values of sensitive headers are shown: to keys that manage, and never in lists.</param>
    internal static WebhookAnswer Of(WebhookView view, SecretSealer sealer, bool reveal)
    {
        var configuration = view.State.Configuration ?? throw new ArgumentException("Only a registered webhook can be shown.", nameof(view));
        return new(
            view.Id, view.State.Company, configuration.Label, configuration.Url, configuration.Method, configuration.TimeoutMs, configuration.MaxAttempts,
            [.. configuration.Headers.Select(h => HeaderAnswer.Of(h, view.Id, sealer, reveal))], configuration.EventTypes, configuration.SignatureScheme,
            configuration.RetryPolicy, configuration.Ordering, configuration.OnExhausted, configuration.SequenceNumbers, view.State.Status, view.State.DisabledReason, view.CreatedAt, view.UpdatedAt, view.Version)
        {
            Profile = configuration.Profile,
            Signatures = configuration.Signatures is { Count: > 0 } several ? (IReadOnlyList<SignatureSettings>)several : null,
            BodyFraming = configuration.BodyFraming,
            ApiKey = configuration.ApiKey,
            Health = HealthAnswer.Of(view),
            Destination = DestinationAnswer.Of(configuration.Destination),
            Auth = AuthAnswer.Of(configuration.Auth),
            Transport = TransportAnswer.Of(configuration.Transport),
            Channels = configuration.Channels,
            Filter = configuration.Filter,
            Shape = configuration.Shape,
            Limits = configuration.Limits,
        };
    }
}

/// <summary>A header of the customer's own on the wire.</summary>
public sealed record HeaderAnswer(string Name, string Value, bool IncludeInRequestSignature)
{
    /// <summary>Stands for a value that is not shown. Sent back, it keeps the value.</summary>
    public const string Redacted = "[redacted]";

    internal static HeaderAnswer Of(CustomHeader header, WebhookId webhook, SecretSealer sealer, bool reveal) =>
        new(header.Name, reveal || !HeaderRules.IsSensitive(header.Name) ? sealer.Open(header.Value, webhook.ToString()) : Redacted, header.Signed);
}
