using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Dispatch;

/// <summary>One webhook's deliveries in memory, and what is known of its receiver. Guarded by the pump's lock.</summary>
internal sealed class Lane
{
    /// <summary>Requests that may be under way to a receiver of which nothing is known.</summary>
    public const int Unknown = 10;

    /// <summary>The same where work has piled up already: it may be why.</summary>
    public const int UnknownWithBacklog = 2;

    public Lane(CompanyLanes company, WebhookId webhook, int window)
    {
        (Company, Webhook) = (company, webhook);
        Window = new InFlightWindow(window, floor: 1);
        First = new Line(this, company.First);
        Retries = new Line(this, company.Retries);
    }

    public CompanyLanes Company { get; }
    public WebhookId Webhook { get; }
    public Line First { get; }
    public Line Retries { get; }
    public DeliveryLimits? Limits { get; set; }
    public InFlightWindow Window { get; }

    /// <summary>A field, because it changes in place.</summary>
    public Pacer Pacer;

    /// <summary>Until when it waits for its rate limit; 0 when it does not.</summary>
    public long PacedUntil { get; set; }

    /// <summary>It has failed lately, or comes back: its requests count among those that are ramped up together.</summary>
    public bool IsReturning { get; private set; }

    /// <summary>Requests under way; what is still being recorded is none.</summary>
    public int UnderWay { get; set; }

    public int InMemory { get; set; }
    public long BytesInMemory { get; set; }

    /// <summary>Deliveries of it stay in the queue table because its share of memory was full; they are fetched when there is room.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Since the last look of the one who forgets lanes.</summary>
    public bool WasUsed { get; set; }

    public Line LineOf(DeliveryJob job) => job.State.Attempts > 0 ? Retries : First;

    /// <returns>What waited and does not stay.</returns>
    public List<DeliveryJob> LetGo(Func<DeliveryJob, bool> stays)
    {
        var gone = new List<DeliveryJob>();
        First.LetGo(stays, gone);
        Retries.LetGo(stays, gone);
        return gone;
    }

    public void Succeeded(int cap)
    {
        Window.Succeeded(cap);
        IsReturning &= Window.Allowed < Math.Min(Unknown, cap);
    }

    public void Failed(int round, int cap)
    {
        Window.Failed(round);
        IsReturning |= Window.Allowed < Math.Min(Unknown, cap) || Window.Allowed == 1;
    }

    public void ComesBack()
    {
        Window.Collapse();
        IsReturning = true;
    }
}

/// <summary>A lane's first attempts, or its retries: they wait apart, so that neither holds up the other.</summary>
internal sealed class Line(Lane lane, CompanyTurns company)
{
    public Lane Lane { get; } = lane;
    public CompanyTurns Company { get; } = company;
    public bool IsRetry => Company.IsRetry;
    public Queue<DeliveryJob> Waiting { get; } = new();

    /// <summary>It stands in the round, or in the queue before the ramp: once at most. What it stands for may be gone when its turn comes.</summary>
    public bool Stands { get; set; }

    public void LetGo(Func<DeliveryJob, bool> stays, List<DeliveryJob> gone)
    {
        for (var look = Waiting.Count; look > 0; look--)
        {
            var job = Waiting.Dequeue();
            if (stays(job))
            {
                Waiting.Enqueue(job);
            }
            else
            {
                gone.Add(job);
            }
        }
    }
}

/// <summary>One company's lanes, and what they take up together. Guarded by the pump's lock.</summary>
internal sealed class CompanyLanes
{
    public CompanyLanes(CompanyId id)
    {
        Id = id;
        First = new CompanyTurns(this, isRetry: false);
        Retries = new CompanyTurns(this, isRetry: true);
    }

    public CompanyId Id { get; }
    public Dictionary<WebhookId, Lane> Lanes { get; } = [];
    public CompanyTurns First { get; }
    public CompanyTurns Retries { get; }
    public int Weight { get; set; } = 1;

    public int InMemory { get; set; }
    public long BytesInMemory { get; set; }
}

/// <summary>A company's place in the round of one kind of deliveries.</summary>
internal sealed class CompanyTurns(CompanyLanes company, bool isRetry)
{
    public CompanyLanes Company { get; } = company;
    public bool IsRetry { get; } = isRetry;

    /// <summary>Attempts under way, recording included.</summary>
    public int UnderWay { get; set; }

    public Queue<Line> Lines { get; } = new();

    /// <summary>In the round, or set aside from it: once at most.</summary>
    public bool Stands { get; set; }

    /// <summary>Starts left before the next company has its turn.</summary>
    public int Credit { get; set; }
}
