using System.Text.Json;
using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Api.Messages;

/// <summary>POST /v1/events/~batch</summary>
public static class EmitBatch
{
    /// <summary>Steps to judge the events of a batch by their schemas: those of thirty events that take all they may. An honest batch as large as one may be takes 12 million.</summary>
    public const int MaxJudgingSteps = 30 * PayloadSchema.MaxSteps;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/events/~batch", Handle)
        .RequireScope(Scopes.Emit)
        .WithTags("Events")
        .WithSummary("Emit many events")
        .WithDescription($"""
            Up to {EmitBody.MaxBatchEvents} events, in a body of at most {EmitBody.MaxBatchBytes / 1024 / 1024} MiB. Each is accepted or refused by itself, as POST /v1/events would:
            the answer is 200 when the batch could be read, with one result per event in their order, each with the status that it would have had alone, 500 and 503 included.
            What judging events by their schemas may take is shared: beyond it an event that is to be judged gets 503 with the code event.not_judged, to be sent again with fewer others.
            They are accepted in their order, unless webhooks of the company change in this very moment.
            Give each event an id to repeat a batch safely; the header {IdempotencyKey.Header} is refused here.
            """)
        .TakesSome(
            """{"events":[{"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","payload":{"order":4711},"id":"order-4711-paid"}]}""",
            $$"""{"events":[{{EmitEvent.Whole}}]}""",
            Documentation.Required("events", $"1 to {EmitBody.MaxBatchEvents}, each as in POST /v1/events."))
        .Answers(200, "What became of each event.", $$$"""
            {"results":[{"status":202,"event":{{{EventAnswer.Accepted}}}},
             {"status":422,"problem":{"type":"/problems/request.invalid","title":"The request breaks a rule","status":422,"detail":"type: Is required.","instance":"/v1/events/~batch","request_id":"01890a5d-ac96-774b-bcce-b302099a8057","errors":[{"field":"type","code":"field.required","detail":"Is required."}]}}]}
            """);

    private static async Task Handle(HttpContext http, EventAcceptor acceptor, EmitOptions options, ILogger<EventAcceptor> log)
    {
        if (http.Request.Headers.ContainsKey(IdempotencyKey.Header))
        {
            throw Problems.Refuse(400, "header.idempotency_key", $"{IdempotencyKey.Header} names one event; in a batch give each event an id.");
        }

        var drafts = await EmitBody.ReadBatch(http, options.MaxPayloadBytes);

        // All at once, so that they share group commits; and in line, so that they keep their order.
        var accepting = new List<Task<Result>>(drafts.Count);
        var allowance = new JudgingAllowance(MaxJudgingSteps);
        foreach (var (draft, problem) in drafts)
        {
            var inLine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            accepting.Add(Accept(http, acceptor, draft, problem, allowance, inLine, log));
            await inLine.Task;
        }

        var results = await Task.WhenAll(accepting);
        await JsonAnswer.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            foreach (var result in results)
            {
                Write(json, http, result);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task<Result> Accept(HttpContext http, EventAcceptor acceptor, EventDraft? draft, Problem? problem, JudgingAllowance allowance, TaskCompletionSource inLine, ILogger log)
    {
        if (draft is null)
        {
            inLine.SetResult();
            return new Result(null, default, problem);
        }

        try
        {
            var (accepted, company) = await acceptor.Accept(http, draft, draft.Id, () => inLine.TrySetResult(), allowance);
            return new Result(accepted, company, null);
        }
        catch (ProblemException e)
        {
            return new Result(null, default, e.Problem);
        }
        catch (Exception e) when (DatabaseFailures.IsUnavailable(e))
        {
            return new Result(null, default, EventAcceptor.NotAccepted);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            // The others are accepted or refused by themselves, and their emitter has to hear which.
            log.LogError(e, "Request {RequestId}: an event of a batch failed", http.Call().Correlation);
            return new Result(null, default, Problems.Internal);
        }
        finally
        {
            inLine.TrySetResult();
        }
    }

    private static void Write(Utf8JsonWriter json, HttpContext http, Result result)
    {
        json.WriteStartObject();
        json.WriteNumber("status", result.Problem?.Status ?? StatusCodes.Status202Accepted);
        if (result.Event is { } accepted)
        {
            json.WritePropertyName("event");
            EventAnswer.Write(json, accepted, result.Company);
            if (accepted.Repeated)
            {
                json.WriteBoolean("replayed", true);
            }
        }

        if (result.Problem is { } problem)
        {
            json.WritePropertyName("problem");
            problem.WriteTo(json, http);
        }

        json.WriteEndObject();
    }

    private readonly record struct Result(EmitOutcome.Accepted? Event, CompanyId Company, Problem? Problem);
}
