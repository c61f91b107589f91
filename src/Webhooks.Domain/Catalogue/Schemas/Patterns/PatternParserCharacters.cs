using System.Text;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <content>Escapes and classes in brackets.</content>
internal sealed partial class PatternParser
{
    private PatternPart ReadEscape()
    {
        if (_at < _text.Length && (_text[_at] is >= '1' and <= '9' || (_text[_at] == 'k' && _text.AsSpan(_at).StartsWith("k<"))))
        {
            throw new PatternProblem(NotThere);
        }

        return Take("b") ? new Assertion(Place.WordBoundary)
            : Take("B") ? new Assertion(Place.NoWordBoundary)
            : TakeSet() is { } set ? new AnyOf(set, false)
            : new Literal(EscapedCharacter());
    }

    private AnyOf ReadClass()
    {
        var isInverse = Take("^");
        var (ranges, categories) = (new List<(int First, int Last)>(), 0u);
        while (!Take("]"))
        {
            var (first, set) = ClassMember();
            if (set is not null)
            {
                ranges.AddRange(set.Ranges);
                categories |= set.Categories;
            }
            else if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                AddRange(ranges, ref categories, first);
            }
            else
            {
                ranges.Add((first, first));
            }
        }

        return new AnyOf(new CharacterSet(ranges, categories), isInverse);
    }

    /// <summary>To where a range goes that began with a character; before a set the hyphen is itself.</summary>
    private void AddRange(List<(int First, int Last)> ranges, ref uint categories, int first)
    {
        var (last, set) = ClassMember();
        if (set is not null)
        {
            ranges.AddRange([(first, first), ('-', '-'), .. set.Ranges]);
            categories |= set.Categories;
        }
        else
        {
            ranges.Add(first <= last ? (first, last) : throw new PatternProblem("Has a range in brackets whose end comes before its beginning."));
        }
    }

    private (int CodePoint, CharacterSet? Set) ClassMember()
    {
        if (_at == _text.Length)
        {
            throw new PatternProblem("Has a '[' without its ']'.");
        }

        return !Take("\\") ? (CodePoint(), null)
            : Take("b") ? ('\b', null)
            : TakeSet() is { } set ? (0, set)
            : (EscapedCharacter(), null);
    }

    private CharacterSet? TakeSet() =>
        Take("d") ? CharacterSet.Digits
        : Take("D") ? CharacterSet.NoDigits
        : Take("w") ? CharacterSet.Word
        : Take("W") ? CharacterSet.NoWord
        : Take("s") ? CharacterSet.Space
        : Take("S") ? CharacterSet.NoSpace
        : Take("p") ? new CharacterSet([], Category())
        : Take("P") ? new CharacterSet([], CharacterSet.AllCategories & ~Category())
        : null;

    private uint Category()
    {
        var end = Take("{") ? _text.IndexOf('}', _at) : -1;
        var name = end < 0 ? "" : _text[_at..end];
        _at = end + 1;
        return CharacterSet.CategoriesOf(name) ?? throw new PatternProblem(@"Has a property that is not known here: \p{…} takes general categories by their short names, such as L, Lu or Nd.");
    }

    private int EscapedCharacter()
    {
        if (_at == _text.Length)
        {
            throw new PatternProblem("Ends with a backslash.");
        }

        var c = _text[_at];
        if (!char.IsAsciiLetterOrDigit(c))
        {
            return CodePoint();
        }

        _at++;
        return c switch
        {
            't' => '\t',
            'n' => '\n',
            'v' => '\v',
            'f' => '\f',
            'r' => '\r',
            '0' when _at == _text.Length || !char.IsAsciiDigit(_text[_at]) => 0,
            'c' when _at < _text.Length && char.IsAsciiLetter(_text[_at]) => _text[_at++] % 32,
            'x' => Hexadecimal(2),
            'u' => Take("{") ? InBraces() : Unit(),
            _ => throw new PatternProblem($"Has the escape \\{c}, which is not known here."),
        };
    }

    private int InBraces()
    {
        var end = _text.IndexOf('}', _at);
        var value = Hexadecimal(end - _at is var digits and > 0 and <= 6 ? digits : 6);
        return Take("}") && value <= CharacterSet.MaxCodePoint ? value : throw new PatternProblem("Has an escape that names no character.");
    }

    /// <summary>Two halves of a character are the character.</summary>
    private int Unit()
    {
        var value = Hexadecimal(4);
        var begin = _at;
        if (char.IsHighSurrogate((char)value) && Take("\\u") && _at + 4 <= _text.Length && Rune.TryCreate((char)value, (char)Hexadecimal(4), out var rune))
        {
            return rune.Value;
        }

        _at = begin;
        return value;
    }
}
