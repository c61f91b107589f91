using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Api.Http;

/// <summary>Where a command is decided: one stream, folded into its state.</summary>
public sealed record Target<TState, TFact>(Guid StreamId, TState Initial, Func<TState, TFact, TState> Evolve) where TFact : Fact;

/// <summary>What a command left: the state and the version, also when it was so already.</summary>
/// <param name="CreatedAt">The database's time of the stream's first fact.</param>
/// <param name="ChangedAt">The database's time of its last fact.</param>
public sealed record Outcome<TState>(TState State, int Version, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, bool Changed);

/// <summary>Runs every command but the hot path's: fetch, check the owner and If-Match, decide, append, save; refusals and conflicts become problems.</summary>
public sealed class CommandRunner(PostgresEventStore store)
{
    /// <summary>Without If-Match a lost race is decided anew on what won; a stream so busy that this fails five times is worth a 409.</summary>
    private const int MaxTries = 5;

    /// <param name="company">Whose facts they are; the caller has been found to see it, or <paramref name="guard"/> does.</param>
    /// <param name="decide">Pure: it may run several times.</param>
    /// <param name="guard">Refuses by what the stream holds, before If-Match is judged: another company's stream.</param>
    /// <param name="constraints">What the violation of a unique constraint by name means.</param>
    /// <exception cref="ProblemException">Refused; nothing was changed.</exception>
    public async Task<Outcome<TState>> Run<TState, TFact>(
        HttpContext http,
        Target<TState, TFact> target,
        CompanyId company,
        Func<TState, Decision> decide,
        Func<TState, Refusal?>? guard = null,
        IReadOnlyDictionary<string, Refusal>? constraints = null)
        where TFact : Fact
    {
        ArgumentNullException.ThrowIfNull(http);
        var ifMatch = IfMatch.Read(http);
        var meta = new FactMeta(company, http.Caller().Key, http.Call().Correlation);
        for (var attempt = 1; ; attempt++)
        {
            await using var session = await store.OpenSession(http.RequestAborted);
            var fetched = await session.FetchForWriting<TState, TFact>(target.StreamId, target.Initial, target.Evolve, http.RequestAborted);
            var facts = Facts(fetched, decide, guard, ifMatch);
            if (facts.Count == 0)
            {
                return new Outcome<TState>(fetched.State, fetched.Version, fetched.FirstRecordedAt ?? default, fetched.LastRecordedAt ?? default, Changed: false);
            }

            session.Append(target.StreamId, fetched.Version, facts, meta);
            switch (await session.SaveChanges(http.RequestAborted))
            {
                case SaveResult.Saved saved:
                    http.Call().HasSaved = true;
                    var state = facts.Aggregate(fetched.State, (s, fact) => target.Evolve(s, (TFact)fact));
                    return new Outcome<TState>(state, fetched.Version + facts.Count, fetched.FirstRecordedAt ?? saved.RecordedAt, saved.RecordedAt, Changed: true);
                case SaveResult.UniqueViolation violation when constraints?.GetValueOrDefault(violation.ConstraintName) is { } refusal:
                    throw new ProblemException(Problems.Of(refusal));
                case SaveResult.UniqueViolation violation:
                    throw new InvalidOperationException($"Nothing says what a violation of {violation.ConstraintName} means.");
                case SaveResult.VersionConflict when ifMatch.IsGiven:
                    throw Stale();
                case SaveResult.VersionConflict when attempt == MaxTries:
                    throw Problems.Refuse(409, "version.conflict", "Others change this at the same time; try again.");
            }
        }
    }

    private static IReadOnlyList<Fact> Facts<TState>(FetchedStream<TState> fetched, Func<TState, Decision> decide, Func<TState, Refusal?>? guard, IfMatch ifMatch)
    {
        if (guard?.Invoke(fetched.State) is { } hidden)
        {
            throw new ProblemException(Problems.Of(hidden));
        }

        var decision = decide(fetched.State);

        // What is not there has no version to be stale against.
        if (decision.Refusal is { Kind: RefusalKind.NotFound } notFound)
        {
            throw new ProblemException(Problems.Of(notFound));
        }

        if (!ifMatch.Allows(fetched.Version))
        {
            throw Stale();
        }

        return decision.Refusal is { } refusal ? throw new ProblemException(Problems.Of(refusal)) : decision.Facts;
    }

    private static ProblemException Stale() => Problems.Refuse(412, "version.stale", "It has changed since the version in If-Match; read it again.");
}
