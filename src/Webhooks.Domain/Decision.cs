namespace Webhooks.Domain;

/// <summary>What a decider answers: facts to append (none when it is already so), or a refusal that changes nothing.</summary>
public readonly record struct Decision
{
    private readonly IReadOnlyList<Fact>? _facts;

    private Decision(IReadOnlyList<Fact>? facts, Refusal? refusal) => (_facts, Refusal) = (facts, refusal);

    public static readonly Decision AlreadySo = new([], null);

    public IReadOnlyList<Fact> Facts => _facts ?? [];
    public Refusal? Refusal { get; }

    public static Decision Of(params IReadOnlyList<Fact> facts) => new(facts, null);
    public static implicit operator Decision(Fact fact) => new([fact], null);
    public static implicit operator Decision(Refusal refusal) => new(null, refusal);
}

public enum RefusalKind
{
    /// <summary>Not there, or not this company's: the two are told apart nowhere.</summary>
    NotFound,

    /// <summary>The state does not allow it.</summary>
    Conflict,

    /// <summary>A field breaks a rule.</summary>
    Invalid,
}

/// <summary>Why a command changed nothing.</summary>
/// <param name="Kind">Decides the HTTP status.</param>
/// <param name="Code">Stable, for programs: <c>webhook.last_signing_key</c>.</param>
/// <param name="Detail">One sentence for people: the rule, and where it helps, the mend.</param>
/// <param name="Field">The field at fault, in the wire's spelling, where there is one.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail, string? Field = null)
{
    public static Refusal NotFound(string what) => new(RefusalKind.NotFound, $"{what}.not_found", $"There is no such {what.Replace('_', ' ')}.");
    public static Refusal Conflict(string code, string detail) => new(RefusalKind.Conflict, code, detail);
    public static Refusal Invalid(string field, string code, string detail) => new(RefusalKind.Invalid, code, detail, field);
}
