using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

/// <summary>One fact of every kind, with every member set: what the golden files hold.</summary>
internal static class FactSamples
{
    public static readonly Dictionary<string, Fact> ByName = new()
    {
        ["company.registered.v1"] = new CompanyRegistered("acme", "Acme Ltd, Zürich"),
        ["company.api_key_issued.v1"] = Key(1),
        ["company.api_key_revoked.v1"] = new ApiKeyRevoked(Id<ApiKeyId>(1)),
        ["company.settings_changed.v1"] = new CompanySettingsChanged(new CompanySettings { DefaultRetryPolicy = WithEveryLimit }),
        ["webhook.created.v1"] = Created,
        ["webhook.updated.v1"] = new WebhookUpdated(Configuration with { RetryPolicy = new ScheduleRetry(new long[] { 1_000, 60_000 }) }),
        ["webhook.enabled.v1"] = new WebhookEnabled(),
        ["webhook.disabled.v1"] = new WebhookDisabled(DisabledReason.Failing),
        ["webhook.degraded.v1"] = Degraded,
        ["webhook.paused.v1"] = Paused,
        ["webhook.recovered.v1"] = Recovered,
        ["webhook.deleted.v1"] = new WebhookDeleted(),
        ["webhook.signing_key_added.v1"] = SigningKey(1),
        ["webhook.signing_key_rotated.v1"] = new SigningKeyRotated(Id<SigningKeyId>(2), "key 2", Secret(2), Now.AddDays(1)),
        ["webhook.signing_key_retired.v1"] = new SigningKeyRetired(Id<SigningKeyId>(1)),
        ["message.emitted.v1"] = Assert.IsType<EventEmitted>(Message.Decide(Message.Unknown, Emit(2)).Facts[0]),
        ["message.fanned_out.v1"] = new EventFannedOut(Planned(2)),
        ["message.cancelled.v1"] = new EventCancelled(),
        ["delivery.succeeded.v1"] = new AttemptSucceeded(Attempt(2) with { ResponseBody = new ResponseBody(2, Truncated: false) }),
        ["delivery.failed.v1"] = Failed(1, Now.AddMinutes(1)),
        ["delivery.exhausted.v1"] = new DeliveryExhausted(),
        ["delivery.deferred.v1"] = new DeliveryDeferred(DeferredReason.WebhookDisabled),
        ["delivery.cancelled.v1"] = new DeliveryCancelled(CancelledReason.WebhookDeleted),
        ["delivery.resend_requested.v1"] = new ResendRequested(Now),
        ["event_type.defined.v1"] = new EventTypeDefined(Id<CompanyId>(1), "order.paid", PaidOrder),
        ["event_type.changed.v1"] = new EventTypeChanged(PaidOrder with { Enforced = false }),
        ["event_type.deprecated.v1"] = new EventTypeDeprecated("Gone in 2027.", "order.settled"),
        ["event_type.reinstated.v1"] = new EventTypeReinstated(),
        ["event_type.deleted.v1"] = new EventTypeDeleted(),
    };
}
