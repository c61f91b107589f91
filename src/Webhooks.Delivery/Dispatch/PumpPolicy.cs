using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Dispatch;

/// <summary>What the pump asks others: each answer comes from memory, at once, because it is asked under the pump's lock.</summary>
public sealed record PumpPolicy
{
    /// <summary>A webhook's limits of its own; null where it has none or is not known (yet).</summary>
    public Func<CompanyId, WebhookId, DeliveryLimits?> LimitsOf { get; init; } = static (_, _) => null;

    /// <summary>Starts of a company for each start of a company of weight 1: 1 to 100.</summary>
    public Func<CompanyId, int> WeightOf { get; init; } = static _ => 1;

    /// <summary>Nodes that deliver, this one among them: at least 1. Limits of the installation are divided by it.</summary>
    public Func<int> LiveNodes { get; init; } = static () => 1;
}
