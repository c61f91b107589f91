using System.Collections.Concurrent;
using Webhooks.Api.Catalogue;
using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.EventStore;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Messages;

/// <summary>Hands an event of a request to the node: for which company it is, and what its outcome means to the caller.</summary>
public sealed class EventAcceptor(DeliveryNode node, EnforcedCatalogue catalogue, CompanyQueries companies, DeliveryOptions options, TimeProvider time)
{
    public static readonly Problem NotAccepted =
        new(503, "event.not_accepted", "The event was not accepted: the database is away or can't write, or too much waits for it. Try again shortly.") { RetryAfterSeconds = 1 };

    public static readonly Problem OutcomeUnknown =
        new(503, "event.outcome_unknown", "Whether the event was accepted is not known: the database did not answer in time, or was lost while the event was being saved. Try again with the same idempotency key: it is accepted once.") { RetryAfterSeconds = 5 };

    /// <summary>Companies are never taken away, so one that was seen need not be asked for again.</summary>
    private readonly ConcurrentDictionary<CompanyId, bool> _known = new();

    /// <param name="inLine">Called when its place among what is being accepted is taken.</param>
    /// <param name="allowance">Of the batch that it came in.</param>
    /// <returns>Accepted and committed.</returns>
    /// <exception cref="ProblemException">Not accepted, nothing was changed; or, with <see cref="OutcomeUnknown"/>, not known to be.</exception>
    public async ValueTask<(EmitOutcome.Accepted Event, CompanyId Company)> Accept(HttpContext http, EventDraft draft, string? key, Action? inLine = null, JudgingAllowance? allowance = null)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var caller = http.Caller();
        var company = CompanyOf(caller, draft);
        if (caller.IsAdmin && !_known.ContainsKey(company))
        {
            await Learn(company, http.RequestAborted);
        }

        if (catalogue.Judge(company, draft.Type, draft.Payload, allowance) is { } problem && !await IsRepeat(company, key))
        {
            throw new ProblemException(problem);
        }

        var e = new EventToEmit(company, draft.Type, draft.Payload, key, caller.Key, http.Call().Correlation) { Channels = draft.Channels, OrderingKey = draft.OrderingKey, DeliverAt = draft.DeliverAt };
        return await node.Acceptance.Emit(e, http.RequestAborted, inLine) switch
        {
            EmitOutcome.Accepted accepted => (accepted, company),
            EmitOutcome.Refused refused => throw new ProblemException(Problems.Of(refused.Refusal)),
            EmitOutcome.KeyTaken taken => throw Problems.Refuse(409, "idempotency_key.taken", $"This idempotency key stands for another request already, {taken.By}: other type, payload, channels, ordering_key or deliver_at."),
            EmitOutcome.Unknown => throw new ProblemException(OutcomeUnknown),
            EmitOutcome.Unavailable => throw new ProblemException(NotAccepted),
            var outcome => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}."),
        };
    }

    /// <summary>What was accepted once is answered as it was then, whatever the catalogue has become since. Asked only of what would be refused.</summary>
    private async ValueTask<bool> IsRepeat(CompanyId company, string? key) =>
        key is not null && await DatabaseFailures.Within(options.AcceptTimeout, time, node.IdempotencyKeys.Stands(company, key));

    /// <summary>A company's key implies its company; an admin key has none of its own.</summary>
    private static CompanyId CompanyOf(Caller caller, EventDraft draft)
    {
        switch (draft.Company)
        {
            case { } company:
                caller.RequireSight(company, "company");
                return company;
            case null when caller.IsAdmin:
                throw new ProblemException(Problems.OfBody([new FieldError("company_sid", "field.required", "Is required with an admin key.")]));
            default:
                return caller.Company;
        }
    }

    private async Task Learn(CompanyId company, CancellationToken ct)
    {
        if (await DatabaseFailures.Within(options.AcceptTimeout, time, companies.Find(company, ct)) is null)
        {
            throw Problems.NotFound("company");
        }

        _known.TryAdd(company, true);
    }
}
