using Webhooks.Domain;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Projections.Deliveries;

/// <summary>What a list of deliveries is narrowed to; null narrows nothing.</summary>
/// <param name="Company">Null only for admin keys.</param>
/// <param name="Since">Deliveries planned then or later, to the millisecond.</param>
/// <param name="Until">Deliveries planned before, to the millisecond.</param>
public sealed record DeliveryFilter(
    CompanyId? Company = null,
    WebhookId? Webhook = null,
    MessageId? Event = null,
    string? Type = null,
    DeliveryStatus? Status = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null);

/// <summary>One line of the list.</summary>
/// <param name="LastStatus">HTTP status of the last attempt.</param>
/// <param name="LastFailure">Null too when the last attempt succeeded.</param>
/// <param name="CreatedAt">To the millisecond.</param>
public sealed record DeliverySummary(
    DeliveryId Id,
    CompanyId Company,
    WebhookId Webhook,
    MessageId Event,
    string Type,
    Delivery State,
    int? LastStatus,
    FailureClass? LastFailure,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public long? Sequence { get; init; }
}
