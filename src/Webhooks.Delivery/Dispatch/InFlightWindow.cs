namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// How many requests may be under way to a receiver of whose strength we know only what it has shown: eight successes add
/// one, failures halve. At a failure in a hundred it settles near 25, at one in ten near 2.
/// </summary>
/// <param name="start">Where it begins.</param>
/// <param name="floor">Where halving ends: at least 1.</param>
internal sealed class InFlightWindow(int start, int floor)
{
    private const double Step = 1.0 / 8;
    private double _allowed = start;

    public int Allowed => (int)_allowed;

    /// <summary>Counts the halvings. What was started before one says nothing about the time after it.</summary>
    public int Round { get; private set; }

    /// <param name="cap">It never grows beyond, but does not shrink to it either.</param>
    public void Succeeded(int cap) => _allowed = Math.Max(_allowed, Math.Min(cap, _allowed + Step));

    /// <param name="round">In which the request was started: of the failures of one round only the first halves.</param>
    public void Failed(int round)
    {
        if (round == Round)
        {
            Round++;
            _allowed = Math.Max(floor, _allowed / 2);
        }
    }

    /// <summary>Back to the floor: what it had shown was too long ago.</summary>
    public void Collapse()
    {
        Round++;
        _allowed = floor;
    }
}
