namespace Webhooks.Delivery.Dispatch;

/// <summary>What a request told about the receiver's strength.</summary>
public enum LaneOutcome
{
    /// <summary>Nothing: none was made, or it failed on our side.</summary>
    None,

    /// <summary>It answered, and the answer was no call for help.</summary>
    Coped,

    /// <summary>No answer, or one that says that it can't.</summary>
    Struggled,
}

/// <summary>A place among a webhook's requests under way. Given back when the request is over, before its outcome is recorded.</summary>
public sealed class PumpSlot
{
    private readonly Pump _pump;
    private int _released;

    internal PumpSlot(Pump pump, Line line, int round, int? rampRound) => (_pump, Line, Round, RampRound) = (pump, line, round, rampRound);

    internal Line Line { get; }
    internal int Round { get; }
    internal int? RampRound { get; }

    /// <summary>The second call does nothing.</summary>
    public void Release(LaneOutcome outcome)
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _pump.Release(this, outcome);
        }
    }
}
