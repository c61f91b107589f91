using System.Text.Json;
using Webhooks.Domain.Catalogue.Schemas.Patterns;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <content>Keywords of numbers and strings, and bounds of all kinds.</content>
internal sealed partial class SchemaParser
{
    private sealed partial class Keywords
    {
        private void ReadNumbers()
        {
            foreach (var keyword in (string[])["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
            {
                if (Number(keyword) is { } bound)
                {
                    schema.Rules.Add(new BoundRule(keyword, bound));
                }
            }

            if (Number("multipleOf") is { } factor)
            {
                if (!MultipleOfRule.IsUsable(new JsonNumber(factor)) || JsonNumber.Compare(new JsonNumber(factor), new JsonNumber("0"u8)) <= 0)
                {
                    Refuse("multipleOf", $"Must be greater than 0, of at most {MultipleOfRule.MaxDigits} digits.");
                }

                schema.Rules.Add(new MultipleOfRule(factor));
            }
        }

        private void ReadStrings()
        {
            if (Bounds("minLength", "maxLength", "characters", out var min, out var max) is { } detail)
            {
                schema.Rules.Add(new LengthRule(min, max, detail));
            }

            if (Text("pattern") is { } text && Pattern(text, "pattern") is { } pattern)
            {
                schema.Rules.Add(new PatternRule(pattern, $"Must match the pattern {(text.Length <= 100 ? text : text[..100] + "…")} (pattern)."));
            }
        }

        private Pattern? Pattern(string text, string keyword)
        {
            if (++parser._patterns > PayloadSchema.MaxPatterns)
            {
                parser.Refuse(At(keyword), "schema.too_large", $"A schema may have at most {PayloadSchema.MaxPatterns} patterns.");
                return null;
            }

            if (!Patterns.Pattern.TryParse(text, PayloadSchema.MaxPatternPlaces - parser._patternPlaces, out var pattern, out var problem))
            {
                parser.Refuse(At(keyword), "schema.pattern", problem);
            }

            parser._patternPlaces += pattern?.Size ?? 0;
            return pattern;
        }

        /// <returns>The rule in words; null where neither is given.</returns>
        private string? Bounds(string least, string most, string what, out long min, out long max)
        {
            min = Count(least) ?? 0;
            max = Count(most) ?? long.MaxValue;
            return (Values.ContainsKey(least), Values.ContainsKey(most)) switch
            {
                (true, true) => $"Must have {min} to {max} {what} ({least}, {most}).",
                (true, false) => $"Must have at least {min} {what} ({least}).",
                (false, true) => $"Must have at most {max} {what} ({most}).",
                _ => null,
            };
        }

        private long? Count(string keyword)
        {
            if (Number(keyword) is not { } raw)
            {
                return null;
            }

            var number = new JsonNumber(raw);
            if (!number.IsInteger || number.Point > 15 || JsonNumber.Compare(number, new JsonNumber("0"u8)) < 0)
            {
                Refuse(keyword, "Must be a whole number from 0.");
                return null;
            }

            return (long)(number.Significand() * System.Numerics.BigInteger.Pow(10, (int)(number.DigitCount == 0 ? 0 : number.Point - number.DigitCount)));
        }

        private byte[]? Number(string keyword)
        {
            if (!Values.TryGetValue(keyword, out var node))
            {
                return null;
            }

            if (_json.Kind(node) == JsonTokenType.Number && Math.Abs(new JsonNumber(_json.Raw(node)).Point) <= 1_000_000)
            {
                return _json.Raw(node).ToArray();
            }

            Refuse(keyword, "Must be a number, with an exponent of at most a million.");
            return null;
        }
    }
}
