using System.Diagnostics;
using System.Text.Json;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;

namespace Webhooks.Delivery.Observing;

/// <summary>
/// Spans of one event's way: the accept, the append below it, and below that each attempt that it led to. While nobody
/// listens none is created. An attempt that was brought in from the database begins a trace of its own; the ids in its
/// tags join it to the first.
/// </summary>
public static class Traces
{
    public const string SourceName = "Webhooks";
    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>To be kept with what will go on after the present span.</summary>
    internal static ActivityContext Current => Source.HasListeners() && Activity.Current is { } span ? span.Context : default;

    internal static Activity? Accept(CompanyId company, string type) => Source.HasListeners()
        ? Source.StartActivity("webhooks.accept", ActivityKind.Producer)?.SetTag("webhooks.company", company.ToString()).SetTag("webhooks.event_type", type)
        : null;

    internal static Activity? Append() => Source.StartActivity("webhooks.append");

    internal static Activity? Attempt(DeliveryJob job)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // What happens to be current belongs to the request or the attempt that made room for this one.
        Activity.Current = null;
        return Source.StartActivity("webhooks.attempt", ActivityKind.Client, job.Message.Trace)
            ?.SetTag("webhooks.message", job.Message.Id.ToString())
            .SetTag("webhooks.delivery", job.Id.ToString())
            .SetTag("webhooks.webhook", job.Webhook.ToString())
            .SetTag("webhooks.attempt", job.AttemptNumber);
    }

    /// <summary>The request is over; its recording is not part of it.</summary>
    internal static void Ended(Activity? attempt, SendResult result)
    {
        if (attempt is null)
        {
            return;
        }

        if (result.StatusCode is { } status)
        {
            attempt.SetTag("http.response.status_code", status);
        }

        if (result.Failure is { } failure)
        {
            attempt.SetTag("error.type", JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString())).SetStatus(ActivityStatusCode.Error);
        }

        attempt.Dispose();
    }
}
