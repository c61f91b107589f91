using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>A webhook on the wire.</summary>
/// <param name="RetryPolicy">Null: the installation's default.</param>
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
    WebhookStatus Status,
    DisabledReason? DisabledReason,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version)
{
    /// <summary>Null: the installation's defaults.</summary>
    public DeliveryLimits? Limits { get; init; }

    public const string Example = """
        {"sid":"wh_01h455vb4pex5vsknk084sn02q","company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Media","url":"https://hooks.example.com/media",
         "method":"POST","timeout_ms":5000,"max_attempts":5,"headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":false}],
         "event_types":["file.received"],"signature_scheme":"standard","retry_policy":{"kind":"fixed","interval_ms":3000},"limits":{"max_in_flight":10,"rate":{"count":100,"per":"second"}},"status":"active",
         "created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:00:00.000Z","version":2}
        """;

    /// <param name="reveal">Whether values of sensitive headers are shown: to keys that manage, and never in lists.</param>
    internal static WebhookAnswer Of(WebhookView view, SecretSealer sealer, bool reveal)
    {
        var configuration = view.State.Configuration ?? throw new ArgumentException("Only a registered webhook can be shown.", nameof(view));
        return new(
            view.Id, view.State.Company, configuration.Label, configuration.Url, configuration.Method, configuration.TimeoutMs, configuration.MaxAttempts,
            [.. configuration.Headers.Select(h => HeaderAnswer.Of(h, view.Id, sealer, reveal))], configuration.EventTypes, configuration.SignatureScheme,
            configuration.RetryPolicy, view.State.Status, view.State.DisabledReason, view.CreatedAt, view.UpdatedAt, view.Version)
        {
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
