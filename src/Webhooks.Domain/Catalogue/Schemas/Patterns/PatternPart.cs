namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>A part of a pattern as it was read.</summary>
internal abstract record PatternPart
{
    /// <summary>More than any pattern may have; sizes beyond are taken for this one.</summary>
    public const long TooMany = 1_000_000;

    /// <summary>Places of the automaton it makes, with repetitions written out. At least one, so that to write it out ends.</summary>
    public abstract long Size { get; }
}

/// <summary>Takes one character, that of <see cref="CodePoint"/>.</summary>
internal sealed record Literal(int CodePoint) : PatternPart
{
    public override long Size => 1;
}

/// <summary>Takes one character of a set, or with <paramref name="IsInverse"/> one that is not in it.</summary>
internal sealed record AnyOf(CharacterSet Set, bool IsInverse) : PatternPart
{
    public override long Size => 1;
}

/// <summary>Takes nothing, and holds only where <see cref="Place"/> says.</summary>
internal sealed record Assertion(Place Place) : PatternPart
{
    public override long Size => 1;
}

/// <summary>One part after the other; none: takes nothing.</summary>
internal sealed record Sequence(IReadOnlyList<PatternPart> Parts) : PatternPart
{
    public override long Size { get; } = Math.Clamp(Parts.Sum(p => p.Size), 1, TooMany);
}

internal sealed record Choice(IReadOnlyList<PatternPart> Parts) : PatternPart
{
    public override long Size { get; } = Math.Min(Parts.Sum(p => p.Size + 2), TooMany);
}

/// <param name="Max">Null: without end.</param>
internal sealed record Repetition(PatternPart Part, long Min, long? Max) : PatternPart
{
    public override long Size { get; } = Math.Clamp((Part.Size * Min) + ((Part.Size + 2) * (Max is { } max ? max - Min : 1)), 1, TooMany);
}

internal enum Place
{
    Start,
    End,
    WordBoundary,
    NoWordBoundary,
}
