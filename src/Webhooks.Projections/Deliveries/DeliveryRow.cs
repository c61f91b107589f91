using Webhooks.Domain.Deliveries;

namespace Webhooks.Projections.Deliveries;

/// <summary>A row of read.deliveries: the state by the rules' own fold, and beside it what people look at.</summary>
internal sealed record DeliveryRow(
    Guid DeliveryId,
    Guid CompanyId,
    Guid WebhookId,
    Guid MessageId,
    string Type,
    Delivery State,
    int? LastStatus,
    FailureClass? LastFailure,
    DateTimeOffset UpdatedAt)
{
    public DeliveryRow After(DeliveryFact fact, DateTimeOffset recordedAt)
    {
        var next = this with { State = Delivery.Evolve(State, fact), UpdatedAt = recordedAt };
        return fact switch
        {
            AttemptSucceeded f => next with { LastStatus = f.Attempt.StatusCode, LastFailure = null },
            AttemptFailed f => next with { LastStatus = f.Attempt.StatusCode, LastFailure = f.Attempt.Failure },
            _ => next,
        };
    }
}
