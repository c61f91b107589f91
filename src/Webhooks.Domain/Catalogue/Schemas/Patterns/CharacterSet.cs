using System.Globalization;

namespace Webhooks.Domain.Catalogue.Schemas.Patterns;

/// <summary>The code points that one place of a pattern takes: those of a class in brackets, of <c>\d</c>, of the dot.</summary>
internal sealed class CharacterSet
{
    public const int MaxCodePoint = 0x10ffff;

    public static readonly CharacterSet Digits = Of(('0', '9'));
    public static readonly CharacterSet Word = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static readonly CharacterSet Space = Of(
        ('\t', '\r'), (' ', ' '), ('\u00a0', '\u00a0'), ('\u1680', '\u1680'), ('\u2000', '\u200a'), ('\u2028', '\u2029'), ('\u202f', '\u202f'), ('\u205f', '\u205f'), ('\u3000', '\u3000'), ('\ufeff', '\ufeff'));

    /// <summary>The dot: all but ends of lines.</summary>
    public static readonly CharacterSet Dot = Of(('\n', '\n'), ('\r', '\r'), ('\u2028', '\u2029')).Inverse();

    public static readonly CharacterSet NoDigits = Digits.Inverse();
    public static readonly CharacterSet NoWord = Word.Inverse();
    public static readonly CharacterSet NoSpace = Space.Inverse();

    private readonly int[] _first;
    private readonly int[] _last;
    private readonly uint _categories;
    private readonly UInt128 _ascii;

    /// <param name="ranges">In any order; they may overlap.</param>
    /// <param name="categories">A bit for each <see cref="UnicodeCategory"/> whose characters belong to it, too.</param>
    public CharacterSet(IEnumerable<(int First, int Last)> ranges, uint categories)
    {
        var merged = Merge(ranges);
        _first = [.. merged.Select(r => r.First)];
        _last = [.. merged.Select(r => r.Last)];
        _categories = categories;
        for (var c = 0; c < 128; c++)
        {
            _ascii |= Holds(c) ? UInt128.One << c : UInt128.Zero;
        }
    }

    public IEnumerable<(int First, int Last)> Ranges => _first.Zip(_last);

    public uint Categories => _categories;

    public bool Contains(int codePoint) => codePoint < 128 ? (_ascii >> codePoint & UInt128.One) != UInt128.Zero : Holds(codePoint);

    /// <summary>All other code points. Only of sets without categories.</summary>
    public CharacterSet Inverse()
    {
        var (gaps, from) = (new List<(int, int)>(), 0);
        foreach (var (first, last) in Ranges)
        {
            gaps.Add((from, first - 1));
            from = last + 1;
        }

        gaps.Add((from, MaxCodePoint));
        return new CharacterSet(gaps, 0);
    }

    /// <summary>The bits of a general category by its short name, such as <c>Lu</c>, or <c>L</c> for all that begin so; null: there is none.</summary>
    public static uint? CategoriesOf(string name)
    {
        string[] names = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];
        var bits = 0u;
        for (var i = 0; i < names.Length; i++)
        {
            bits |= names[i] == name || (name.Length == 1 && names[i][0] == name[0]) ? 1u << i : 0;
        }

        return bits == 0 ? null : bits;
    }

    /// <summary>Bits of all categories there are.</summary>
    public static uint AllCategories { get; } = (1u << ((int)UnicodeCategory.OtherNotAssigned + 1)) - 1;

    private static CharacterSet Of(params (int First, int Last)[] ranges) => new(ranges, 0);

    private static List<(int First, int Last)> Merge(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Where(r => r.First <= r.Last).OrderBy(r => r.First))
        {
            if (merged is [.., var before] && range.First <= before.Last + 1)
            {
                merged[^1] = (before.First, Math.Max(before.Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private bool Holds(int codePoint)
    {
        var at = Array.BinarySearch(_first, codePoint);
        at = at >= 0 ? at : ~at - 1;
        return (at >= 0 && codePoint <= _last[at]) || (_categories != 0 && (_categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0);
    }
}
