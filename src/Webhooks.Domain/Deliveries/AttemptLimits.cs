namespace Webhooks.Domain.Deliveries;

/// <summary>
/// Attempts by kind of failure, in one series: 1 to 50 each, null for no limit but the one over all. Where a policy has
/// them, statuses that say that the request itself is wrong are not retried: only 408, 425, 429 and 5xx are.
/// </summary>
/// <param name="Status">The receiver answered, with such a status.</param>
/// <param name="Network">No complete answer came: connect, dns, tls, reset, protocol, response_too_large, blocked.</param>
/// <param name="Timeout">The deadline of the attempt passed.</param>
public sealed record AttemptLimits(int? Status, int? Network, int? Timeout)
{
    internal int? Of(FailureKind kind) => kind switch
    {
        FailureKind.Status => Status,
        FailureKind.Timeout => Timeout,
        _ => Network,
    };

    internal Refusal? Refuse(string field) =>
        RefuseOne(Status, $"{field}.status") ?? RefuseOne(Network, $"{field}.network") ?? RefuseOne(Timeout, $"{field}.timeout");

    private static Refusal? RefuseOne(int? limit, string field) =>
        limit is < 1 or > RetryPolicy.MaxMaxAttempts ? Refusal.Invalid(field, "retry_policy.attempts", $"Must be 1 to {RetryPolicy.MaxMaxAttempts}.") : null;
}

/// <summary>What budgets tell apart; the classes of failure are finer.</summary>
public enum FailureKind
{
    Status,
    Network,
    Timeout,
}
