using System.Runtime.InteropServices;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>Writes out the places of a pattern's automaton: Thompson's construction, each part followed by the next one.</summary>
internal sealed class PatternWriter
{
    private readonly List<PatternPlace> _places = [];
    private readonly List<CharacterSet> _sets = [];

    public (PatternPlace[] Places, CharacterSet[] Sets) Write(PatternPart whole)
    {
        Add(whole);
        _places.Add(new PatternPlace(PlaceKind.Match, 0));
        return ([.. _places], [.. _sets]);
    }

    private void Add(PatternPart part)
    {
        switch (part)
        {
            case Literal l:
                _places.Add(new PatternPlace(PlaceKind.Take, l.CodePoint));
                break;
            case AnyOf a:
                _places.Add(new PatternPlace(a.IsInverse ? PlaceKind.TakeOther : PlaceKind.TakeAnyOf, IndexOf(a.Set)));
                break;
            case Assertion a:
                _places.Add(new PatternPlace(PlaceKind.Assert, (int)a.Place));
                break;
            case Sequence s:
                foreach (var one in s.Parts)
                {
                    Add(one);
                }

                break;
            case Choice c:
                AddChoice(c);
                break;
            case Repetition r:
                AddRepetition(r);
                break;
        }
    }

    private void AddChoice(Choice choice)
    {
        var ends = new List<int>();
        foreach (var part in choice.Parts.SkipLast(1))
        {
            var fork = Reserve();
            Add(part);
            ends.Add(Reserve());
            _places[fork] = new PatternPlace(PlaceKind.Fork, _places.Count);
        }

        Add(choice.Parts[^1]);
        ends.ForEach(end => _places[end] = new PatternPlace(PlaceKind.GoTo, _places.Count));
    }

    private void AddRepetition(Repetition r)
    {
        for (var i = 0; i < r.Min; i++)
        {
            Add(r.Part);
        }

        var forks = new List<int>();
        for (var i = r.Min; i < (r.Max ?? r.Min + 1); i++)
        {
            forks.Add(Reserve());
            Add(r.Part);
        }

        if (r.Max is null)
        {
            _places.Add(new PatternPlace(PlaceKind.GoTo, forks[0]));
        }

        forks.ForEach(fork => _places[fork] = new PatternPlace(PlaceKind.Fork, _places.Count));
    }

    /// <summary>A place that is known once what follows it is there.</summary>
    private int Reserve()
    {
        _places.Add(default);
        return _places.Count - 1;
    }

    /// <summary>What is repeated has its set once.</summary>
    private int IndexOf(CharacterSet set)
    {
        var known = _sets.LastIndexOf(set);
        if (known >= 0)
        {
            return known;
        }

        _sets.Add(set);
        return _sets.Count - 1;
    }
}

/// <summary>One place of an automaton; the next one follows it unless its kind says otherwise.</summary>
/// <param name="Argument">A code point, the number of a set, a <see cref="Place"/>, or the place to go to.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PatternPlace(PlaceKind Kind, int Argument);

internal enum PlaceKind
{
    Match,

    /// <summary>Takes one character.</summary>
    Take,
    TakeAnyOf,
    TakeOther,
    Assert,

    /// <summary>Goes to the next place and to another.</summary>
    Fork,
    GoTo,
}
