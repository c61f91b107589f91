using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>
/// A pattern as JSON Schema means it (ECMA-262), as an automaton that is in many places at once: it never goes back in the
/// text, needs no more room than it has places, and every look at a place counts. Whoever writes a pattern, or a text for
/// one, can slow nobody down beyond the steps of one judgement.
/// </summary>
/// <remarks>
/// .NET's own matcher without backtracking gives no such promise: it remembers up to 10,000 sets of places, each as large as
/// the pattern. <c>^(?:a|b)*a(?:a|b){900}</c> on 20,000 letters took 8 µs per letter and kept 25 MB.
/// </remarks>
internal sealed class Pattern
{
    /// <summary>Looks at places that are one step: as much as one look at a value costs.</summary>
    public const int VisitsPerStep = 8;

    /// <summary>Places whose marks are cleared at the price of a step.</summary>
    private const int ClearedPerStep = 256;

    private readonly PatternPlace[] _places;
    private readonly CharacterSet[] _sets;

    private Pattern(PatternPart whole)
    {
        var writer = new PatternWriter();
        (_places, _sets) = writer.Write(whole);
        IsAtStart = _places[0] is { Kind: PlaceKind.Assert, Argument: (int)Place.Start };
    }

    /// <summary>Of its automaton, with repetitions written out.</summary>
    public int Size => _places.Length;

    /// <summary>It can match only from the beginning of the text on.</summary>
    public bool IsAtStart { get; }

    /// <param name="room">The most places it may have.</param>
    /// <param name="problem">Why there is none.</param>
    public static bool TryParse(string text, int room, [NotNullWhen(true)] out Pattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        (pattern, problem) = (null, null);
        if (text.Length > PayloadSchema.MaxPatternLength)
        {
            problem = $"A pattern has at most {PayloadSchema.MaxPatternLength} characters.";
            return false;
        }

        try
        {
            var whole = PatternParser.Parse(text);
            if (whole.Size < room)
            {
                pattern = new Pattern(whole);
                return true;
            }

            problem = $"The patterns of a schema may have {PayloadSchema.MaxPatternPlaces} places together, with what is repeated written out: a{{100}} has a hundred.";
        }
        catch (PatternProblem e)
        {
            problem = e.Message;
        }

        return false;
    }

    /// <summary>Whether the text holds a match somewhere; false, too, when the steps are used up.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public bool Matches(Judgement j, string text)
    {
        if (!j.Step(1 + (Size / ClearedPerStep)))
        {
            return false;
        }

        var rented = ArrayPool<int>.Shared.Rent(Size * PatternRun.RoomPerPlace);
        try
        {
            var run = new PatternRun(this, _places, _sets, text, rented);
            var matches = run.Find(j);
            return j.Step(run.Visits / VisitsPerStep) && matches;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
