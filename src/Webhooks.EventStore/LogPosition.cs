namespace Webhooks.EventStore;

/// <summary>
/// Where a fact stands in commit order. Compared as a pair: <paramref name="Seq"/> alone is the order of insertion,
/// in which a transaction that commits late hides behind later numbers.
/// </summary>
/// <param name="Tx">The 64-bit id of the transaction that wrote the fact.</param>
/// <param name="Seq">The number of the fact in the log; unique.</param>
public readonly record struct LogPosition(ulong Tx, long Seq) : IComparable<LogPosition>
{
    /// <summary>Before the first fact.</summary>
    public static readonly LogPosition Start;

    public int CompareTo(LogPosition other) => Tx != other.Tx ? Tx.CompareTo(other.Tx) : Seq.CompareTo(other.Seq);

    public static bool operator <(LogPosition left, LogPosition right) => left.CompareTo(right) < 0;
    public static bool operator >(LogPosition left, LogPosition right) => left.CompareTo(right) > 0;
    public static bool operator <=(LogPosition left, LogPosition right) => left.CompareTo(right) <= 0;
    public static bool operator >=(LogPosition left, LogPosition right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Tx}/{Seq}";
}
