namespace Webhooks.Domain.Deliveries;

/// <summary>
/// What the running series of attempts has come to, beside the number of its failures. Nothing at all in most series, so
/// that it costs their rows nothing.
/// </summary>
/// <param name="Network">Of the failures, those without a complete answer.</param>
/// <param name="Timeout">Of the failures, those whose deadline passed.</param>
/// <param name="Unspent">Failed attempts that are no failures of the budget: 429, 410 and faults of our own.</param>
/// <param name="StartedAt">When its first attempt started, by the database's clock; known where a rule asks for it.</param>
/// <param name="ResentAt">When it was asked for; null for the first series.</param>
public readonly record struct Series(int Network, int Timeout, int Unspent, DateTimeOffset? StartedAt, DateTimeOffset? ResentAt)
{
    internal int Of(FailureKind kind, int failures) => kind switch
    {
        FailureKind.Network => Network,
        FailureKind.Timeout => Timeout,
        _ => failures - Network - Timeout,
    };

    internal Series After(AttemptFailed f)
    {
        var started = this with { StartedAt = f.SeriesStartedAt ?? StartedAt };
        return f.SpentNoAttempt ? started with { Unspent = Unspent + 1 } : KindOf(f.Attempt) switch
        {
            FailureKind.Network => started with { Network = Network + 1 },
            FailureKind.Timeout => started with { Timeout = Timeout + 1 },
            _ => started,
        };
    }

    internal static FailureKind KindOf(Attempt attempt) => attempt.Failure switch
    {
        FailureClass.Status => FailureKind.Status,
        FailureClass.Timeout => FailureKind.Timeout,
        _ => FailureKind.Network,
    };
}
