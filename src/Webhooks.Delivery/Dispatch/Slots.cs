namespace Webhooks.Delivery.Dispatch;

internal enum Verdict
{
    Go,

    /// <summary>As many requests are under way as it may have. Asked again when one is over.</summary>
    AtLimit,

    /// <summary>Its rate limit has no token. Asked again at <see cref="Lane.PacedUntil"/>.</summary>
    Paced,

    /// <summary>It comes back from failures, and enough of those are under way. Asked again when there is room on the ramp.</summary>
    Ramped,
}

/// <summary>
/// Who may have how many of the node's attempts under way. A company, and a webhook within it, may take up a multiple of
/// what is still free: so whoever comes next always finds something free, however many others hang, and where nobody else
/// wants them nearly all are used.
/// </summary>
internal sealed class Slots(DeliveryOptions options, PumpPolicy policy, TimeProvider time)
{
    // One company takes up to 4 of 5, two take 8 of 9 together.
    private const int OfFree = 4;

    // A greater weight gives more turns, but not still more of the slots: something must stay free.
    private const int WeightInSlots = 4;

    private readonly long _beginning = time.GetTimestamp();
    private int _retries;

    public int UnderWay { get; private set; }

    /// <summary>Attempts under way to receivers that come back from failures: an eighth of the node's at first, up to half as they succeed.</summary>
    public InFlightWindow Ramp { get; } = new(Eighth(options), Eighth(options));
    public int OnRamp { get; private set; }
    public bool RampHasRoom => OnRamp < Ramp.Allowed;

    public bool HasRoom(bool retry) => Free(retry) > 0;

    public bool MayHaveMore(CompanyTurns company) => company.UnderWay < ShareOf(company);

    /// <summary>Never with no request under way: the end of one is when it is asked again.</summary>
    public bool IsAtLimit(Line line) =>
        line.Lane.UnderWay >= Math.Min(Math.Min(CapOf(line.Lane), line.Lane.Window.Allowed), Math.Max(1, ShareOf(line.Company) - line.Company.UnderWay));

    /// <summary>Takes a token of the rate limit where the answer is go.</summary>
    public Verdict Judge(Line line)
    {
        var lane = line.Lane;
        if (IsAtLimit(line))
        {
            return Verdict.AtLimit;
        }

        if (lane.IsReturning && !RampHasRoom)
        {
            return Verdict.Ramped;
        }

        if (IntervalOf(lane) is > 0 and var interval && !lane.Pacer.TryTake(Now, interval, out var freeAt))
        {
            lane.PacedUntil = freeAt;
            return Verdict.Paced;
        }

        return Verdict.Go;
    }

    /// <returns>The round of the ramp; null where the lane is not on it.</returns>
    public int? Take(Line line)
    {
        UnderWay++;
        _retries += line.IsRetry ? 1 : 0;
        line.Lane.UnderWay++;
        line.Company.UnderWay++;
        if (!line.Lane.IsReturning)
        {
            return null;
        }

        OnRamp++;
        return Ramp.Round;
    }

    /// <summary>The request is over, however it went; the attempt is still to be recorded.</summary>
    /// <param name="rampRound">Null where it was not on the ramp.</param>
    public void RequestOver(Lane lane, LaneOutcome outcome, int round, int? rampRound)
    {
        lane.UnderWay--;
        OnRamp -= rampRound is null ? 0 : 1;
        switch (outcome)
        {
            case LaneOutcome.Coped:
                lane.Succeeded(CapOf(lane));
                if (rampRound is not null)
                {
                    Ramp.Succeeded(Math.Max(1, options.MaxInFlight / 2));
                }

                break;
            case LaneOutcome.Struggled:
                lane.Failed(round, CapOf(lane));
                if (rampRound is { } ramped)
                {
                    Ramp.Failed(ramped);
                }

                break;
        }
    }

    public void GiveBack(Line line)
    {
        UnderWay--;
        _retries -= line.IsRetry ? 1 : 0;
        line.Company.UnderWay--;
    }

    public long Now => time.GetElapsedTime(_beginning).Ticks;

    private int ShareOf(CompanyTurns company) => Math.Max(1, OfFree * Math.Min(company.Company.Weight, WeightInSlots) * Free(company.IsRetry));

    // Retries get half at most, first attempts all but an eighth: a flood of either leaves room for the other.
    private int Free(bool retry) => Math.Min(
        options.MaxInFlight - UnderWay,
        retry ? Math.Max(1, options.MaxInFlight / 2) - _retries : options.MaxInFlight - (options.MaxInFlight / 8) - (UnderWay - _retries));

    private int CapOf(Lane lane) => lane.Limits?.MaxInFlight ?? Math.Max(1, options.MaxInFlightPerWebhook / NodesOf(lane));

    private long IntervalOf(Lane lane) =>
        lane.Limits?.Rate is { } own ? own.Interval.Ticks
        : options.RatePerWebhook is { } common ? common.Interval.Ticks * NodesOf(lane)
        : 0;

    // A webhook with limits of its own is served by one node.
    private int NodesOf(Lane lane) => lane.Limits is null ? Math.Max(1, policy.LiveNodes()) : 1;

    private static int Eighth(DeliveryOptions options) => Math.Max(1, options.MaxInFlight / 8);
}
