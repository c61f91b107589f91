namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// Decides which lane starts next: of four starts one is a retry while both kinds wait, and within a kind companies take
/// turns, and a company's webhooks. Whoever may not start leaves the round until something has changed for it, so that
/// no start costs more than a few steps. Guarded by the pump's lock.
/// </summary>
internal sealed class Turns(Slots slots, PumpPolicy policy)
{
    private const int FirstsPerRetry = 3;

    private readonly Round _firsts = new(policy);
    private readonly Round _retries = new(policy);
    private readonly Queue<Line> _beforeRamp = new();
    private readonly PriorityQueue<Lane, long> _paced = new();
    private int _firstsSinceRetry;

    /// <summary>When the next lane that waits for its rate limit may go on; MaxValue when none does.</summary>
    public long NextPaced => _paced.TryPeek(out _, out var at) ? at : long.MaxValue;

    /// <summary>Something has changed for this lane: a delivery came, a request is over, its limits are others.</summary>
    public void Offer(Lane lane)
    {
        if (lane.PacedUntil == 0)
        {
            Offer(lane.First);
            Offer(lane.Retries);
        }
    }

    /// <summary>Time has passed.</summary>
    public void Wake(long now)
    {
        while (_paced.TryPeek(out var lane, out var at) && at <= now)
        {
            _paced.Dequeue();
            if (lane.PacedUntil == at)
            {
                lane.PacedUntil = 0;
                Offer(lane);
            }
        }
    }

    /// <summary>Null: nobody may start now. A token of the lane's rate limit is taken; the rest is the caller's to take.</summary>
    public Line? Next()
    {
        while (true)
        {
            var offered = slots.RampHasRoom && _beforeRamp.TryDequeue(out var waiting) ? waiting : null;
            if (offered is not null)
            {
                offered.Stands = false;
                Offer(offered.Lane);
            }

            var retryFirst = _firstsSinceRetry >= FirstsPerRetry;
            if ((Next(retryFirst) ?? Next(!retryFirst)) is { } next)
            {
                _firstsSinceRetry = next.IsRetry ? 0 : Math.Min(_firstsSinceRetry + 1, FirstsPerRetry);
                return next;
            }

            if (offered is null)
            {
                return null;
            }
        }
    }

    private Line? Next(bool retry)
    {
        if (!slots.HasRoom(retry))
        {
            return null;
        }

        var round = retry ? _retries : _firsts;
        while (round.Next(slots) is { } line)
        {
            if (line.Waiting.Count == 0)
            {
                continue;
            }

            switch (slots.Judge(line))
            {
                case Verdict.Go:
                    round.Spend(line);
                    return line;
                case Verdict.Paced:
                    _paced.Enqueue(line.Lane, line.Lane.PacedUntil);
                    break;
                case Verdict.Ramped:
                    line.Stands = true;
                    _beforeRamp.Enqueue(line);
                    break;
            }
        }

        return null;
    }

    private void Offer(Line line)
    {
        if (!line.Stands && line.Waiting.Count > 0 && !slots.IsAtLimit(line))
        {
            (line.IsRetry ? _retries : _firsts).Join(line);
        }
    }
}
