using System.Runtime.InteropServices;
using System.Text;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>One text on its way through a pattern: at each character the set of places that it is in.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct PatternRun
{
    /// <summary>Marks, places to follow, places that wait for a character, places arrived at.</summary>
    public const int RoomPerPlace = 4;

    /// <summary>Looks between two questions whether there are steps left.</summary>
    private const int VisitsPerQuestion = 1024;

    private const int Nothing = -1;

    private readonly Pattern _pattern;
    private readonly ReadOnlySpan<PatternPlace> _places;
    private readonly ReadOnlySpan<CharacterSet> _sets;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<int> _marks;
    private readonly Span<int> _open;
    private readonly Span<int> _waiting;
    private readonly Span<int> _arrived;
    private int _waitingCount;
    private int _previous = Nothing;
    private int _current = Nothing;
    private int _round;

    public PatternRun(Pattern pattern, PatternPlace[] places, CharacterSet[] sets, string text, Span<int> room)
    {
        _pattern = pattern;
        _places = places;
        _sets = sets;
        _text = text;
        _marks = room[..places.Length];
        _open = room.Slice(places.Length, places.Length);
        _waiting = room.Slice(places.Length * 2, places.Length);
        _arrived = room.Slice(places.Length * 3, places.Length);
        _marks.Clear();
    }

    /// <summary>Looks at places that are not paid for yet.</summary>
    public int Visits { get; private set; }

    public bool Find(Judgement j)
    {
        var (at, arrivedCount) = (0, 0);
        while (true)
        {
            var length = Read(at);
            (_waitingCount, _round) = (0, _round + 1);
            if ((at == 0 || !_pattern.IsAtStart) && Follow(0))
            {
                return true;
            }

            foreach (var place in _arrived[..arrivedCount])
            {
                if (Follow(place))
                {
                    return true;
                }
            }

            if (length == 0 || (_waitingCount == 0 && _pattern.IsAtStart) || !Pay(j))
            {
                return false;
            }

            arrivedCount = TakeCurrent();
            (_previous, at) = (_current, at + length);
        }
    }

    /// <returns>UTF-16 units of the character; 0 at the end.</returns>
    private int Read(int at)
    {
        _current = Nothing;
        if (at == _text.Length)
        {
            return 0;
        }

        Rune.DecodeFromUtf16(_text[at..], out var rune, out var length);
        _current = rune.Value;
        return length;
    }

    /// <summary>Goes on from a place to all that can be reached without a character.</summary>
    /// <returns>True when the pattern's end is among them.</returns>
    private bool Follow(int place)
    {
        var count = 0;
        Open(place, ref count);
        while (count > 0)
        {
            var at = _open[--count];
            Visits++;
            switch (_places[at].Kind)
            {
                case PlaceKind.Match:
                    return true;
                case PlaceKind.Fork:
                    Open(at + 1, ref count);
                    Open(_places[at].Argument, ref count);
                    break;
                case PlaceKind.GoTo:
                    Open(_places[at].Argument, ref count);
                    break;
                case PlaceKind.Assert:
                    if (Holds((Place)_places[at].Argument))
                    {
                        Open(at + 1, ref count);
                    }

                    break;
                default:
                    _waiting[_waitingCount++] = at;
                    break;
            }
        }

        return false;
    }

    private readonly void Open(int place, ref int count)
    {
        if (_marks[place] != _round)
        {
            _marks[place] = _round;
            _open[count++] = place;
        }
    }

    private readonly bool Holds(Place place) => place switch
    {
        Place.Start => _previous == Nothing,
        Place.End => _current == Nothing,
        Place.WordBoundary => IsOfWord(_previous) != IsOfWord(_current),
        _ => IsOfWord(_previous) == IsOfWord(_current),
    };

    private static bool IsOfWord(int codePoint) => codePoint != Nothing && CharacterSet.Word.Contains(codePoint);

    private int TakeCurrent()
    {
        var count = 0;
        foreach (var at in _waiting[.._waitingCount])
        {
            var place = _places[at];
            var takes = place.Kind switch
            {
                PlaceKind.Take => place.Argument == _current,
                PlaceKind.TakeAnyOf => _sets[place.Argument].Contains(_current),
                _ => !_sets[place.Argument].Contains(_current),
            };
            if (takes)
            {
                _arrived[count++] = at + 1;
            }
        }

        Visits += _waitingCount;
        return count;
    }

    private bool Pay(Judgement j)
    {
        if (Visits < VisitsPerQuestion)
        {
            return true;
        }

        var steps = Visits / Pattern.VisitsPerStep;
        Visits = 0;
        return j.Step(steps);
    }
}
