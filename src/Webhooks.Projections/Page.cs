namespace Webhooks.Projections;

/// <summary>A part of a list, and where the next part starts.</summary>
/// <param name="Next">Key of the last row seen; null when there is no more. A page may be short, even empty, and have a next one.</param>
/// <param name="Freshness">Null where the answer comes from the log itself or from an inline read model: those never lag.</param>
public sealed record Page<TItem, TCursor>(IReadOnlyList<TItem> Items, TCursor? Next, Freshness? Freshness)
    where TCursor : struct;
