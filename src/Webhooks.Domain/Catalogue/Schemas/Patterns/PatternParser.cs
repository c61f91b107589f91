using System.Globalization;
using System.Text;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>
/// Reads regular expressions as ECMA-262 has them with the flag <c>u</c>: characters are code points. As lenient as without
/// the flag where nothing is ambiguous: a brace that counts nothing is itself, and so is any other escaped character.
/// </summary>
internal sealed partial class PatternParser
{
    private const string NotThere = "Must do without looking ahead or behind and without references to groups: those can take for ever.";

    private readonly string _text;
    private int _at;

    private PatternParser(string text) => _text = text;

    /// <exception cref="PatternProblem">It is none that is understood.</exception>
    public static PatternPart Parse(string text)
    {
        var parser = new PatternParser(text);
        var whole = parser.ReadChoice();
        return parser._at == text.Length ? whole : throw new PatternProblem("Has a ')' without its '('.");
    }

    private PatternPart ReadChoice()
    {
        var parts = new List<PatternPart> { ReadSequence() };
        while (Take("|"))
        {
            parts.Add(ReadSequence());
        }

        return parts is [var only] ? only : new Choice(parts);
    }

    private Sequence ReadSequence()
    {
        var parts = new List<PatternPart>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            var part = ReadOne();
            parts.Add(TakeCounts(out var min, out var max)
                ? part is Assertion ? throw new PatternProblem("Repeats what takes no character.") : new Repetition(part, min, max)
                : part);
        }

        return new Sequence(parts);
    }

    private PatternPart ReadOne()
    {
        switch (_text[_at])
        {
            case '(':
                return ReadGroup();
            case '[':
                _at++;
                return ReadClass();
            case '\\':
                _at++;
                return ReadEscape();
            case '*' or '+' or '?':
                throw new PatternProblem($"Has a '{_text[_at]}' that repeats nothing.");
            case '{' when TakeCounts(out _, out _):
                throw new PatternProblem("Has a count in braces that repeats nothing.");
        }

        return Take("^") ? new Assertion(Place.Start)
            : Take("$") ? new Assertion(Place.End)
            : Take(".") ? new AnyOf(CharacterSet.Dot, false)
            : new Literal(CodePoint());
    }

    private PatternPart ReadGroup()
    {
        _at++;
        if (Take("?"))
        {
            if (Take("=") || Take("!") || Take("<=") || Take("<!"))
            {
                throw new PatternProblem(NotThere);
            }

            if (!Take(":"))
            {
                ReadName();
            }
        }

        var inner = ReadChoice();
        return Take(")") ? inner : throw new PatternProblem("Has a '(' without its ')'.");
    }

    /// <summary><c>&lt;name&gt;</c>: groups are told apart only by those who refer to them.</summary>
    private void ReadName()
    {
        var end = Take("<") ? _text.IndexOf('>', _at) : -1;
        if (end <= _at || !_text[_at..end].All(c => char.IsLetterOrDigit(c) || c is '_' or '$'))
        {
            throw new PatternProblem("Has a group of a kind that is not known here.");
        }

        _at = end + 1;
    }

    /// <summary>What follows a part and repeats it; whether as much or as little as may be is the same to one who only asks whether it matches.</summary>
    private bool TakeCounts(out long min, out long? max)
    {
        var isCounted = TakeMarkOrBraces(out min, out max);
        if (isCounted)
        {
            Take("?");
        }

        return isCounted;
    }

    private bool TakeMarkOrBraces(out long min, out long? max)
    {
        (min, max) = (0, null);
        if (Take("*"))
        {
            return true;
        }

        if (Take("+"))
        {
            min = 1;
            return true;
        }

        if (Take("?"))
        {
            max = 1;
            return true;
        }

        return TakeBraces(ref min, ref max);
    }

    private bool TakeBraces(ref long min, ref long? max)
    {
        var begin = _at;
        if (Take("{") && Number() is { } least)
        {
            var most = Take(",") ? Number() : least;
            if (Take("}"))
            {
                (min, max) = (least, most);
                return most is null || least <= most ? true : throw new PatternProblem("Has a count in braces whose most is less than its least.");
            }
        }

        _at = begin;
        return false;
    }

    /// <summary>Counts beyond any that may be are taken for <see cref="PatternPart.TooMany"/>.</summary>
    private long? Number()
    {
        var begin = _at;
        long value = 0;
        for (; _at < _text.Length && char.IsAsciiDigit(_text[_at]); _at++)
        {
            value = Math.Min(PatternPart.TooMany, (value * 10) + (_text[_at] - '0'));
        }

        return _at > begin ? value : null;
    }

    private bool Take(string expected)
    {
        var isThere = string.CompareOrdinal(_text, _at, expected, 0, expected.Length) == 0;
        _at += isThere ? expected.Length : 0;
        return isThere;
    }

    private int CodePoint()
    {
        var rune = Rune.GetRuneAt(_text, _at);
        _at += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private int Hexadecimal(int digits)
    {
        var value = 0;
        if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
        {
            throw new PatternProblem($"Has an escape that lacks its {digits} hexadecimal digits.");
        }

        _at += digits;
        return value;
    }
}

/// <summary>Why a pattern is refused, for people.</summary>
internal sealed class PatternProblem(string message) : Exception(message);
