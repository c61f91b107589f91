using Webhooks.Domain;

namespace Webhooks.EventStore;

internal static class StreamFold
{
    /// <exception cref="InvalidCastException">The stream holds facts of another aggregate.</exception>
    public static FetchedStream<TState> Fold<TState, TFact>(this IReadOnlyList<StoredFact> facts, TState initial, Func<TState, TFact, TState> evolve)
        where TFact : Fact
    {
        var state = initial;
        foreach (var stored in facts)
        {
            state = evolve(state, (TFact)stored.Fact);
        }

        return facts.Count == 0
            ? new FetchedStream<TState>(state, 0, null, null)
            : new FetchedStream<TState>(state, facts[^1].Version, facts[0].RecordedAt, facts[^1].RecordedAt);
    }
}
