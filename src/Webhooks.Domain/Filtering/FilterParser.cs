using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>Turns the JSON of a filter into conditions. The first mistake ends it, named by its place: <c>filter.$or[1].amount.$gt</c>.</summary>
internal sealed class FilterParser
{
    private const string Known = "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $startsWith, $endsWith, $contains, $and, $or and $not";

    private readonly JsonIndex _json;
    private int _conditions;
    private Refusal? _refusal;

    private FilterParser(JsonIndex json) => _json = json;

    public static PayloadFilter? Parse(JsonText text, string field, out Refusal? refusal)
    {
        var bytes = text.Utf8;
        if (bytes.Length > PayloadFilter.MaxBytes)
        {
            refusal = Refusal.Invalid(field, "filter.too_large", $"A filter may have at most {PayloadFilter.MaxBytes} bytes; this one has {bytes.Length}.");
            return null;
        }

        using var json = JsonIndex.Of(bytes);
        var parser = new FilterParser(json);
        var condition = json.Kind(0) == JsonTokenType.StartObject
            ? parser.ReadObject(0, JsonPath.Here, field, 1)
            : parser.Refuse(field, "filter.type", "Must be an object of conditions, such as {\"order.total\":{\"$gt\":100}}.");
        refusal = parser._refusal;
        return condition is null || refusal is not null ? null : new PayloadFilter(condition);
    }

    /// <summary>
    /// An object's conditions on what stands at a path: all that is not negated holds of one and the same value there, and
    /// nothing that is negated holds of any.
    /// </summary>
    private Condition? ReadObject(int node, JsonPath path, string field, int depth)
    {
        if (depth > PayloadFilter.MaxDepth)
        {
            return Refuse(field, "filter.too_deep", $"A filter may have at most {PayloadFilter.MaxDepth} objects and lists inside one another.");
        }

        var (wanted, all) = (new List<Condition>(), new List<Condition>());
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var member = JsonIndex.First(node); member < _json.After(node) && _refusal is null; member = _json.After(member))
        {
            var name = _json.NameStringOf(member);
            var at = $"{field}.{name}";
            if (name is null || !names.Add(name))
            {
                return name is null ? Refuse(field, "filter.path", "A name here holds a lone surrogate, which is no character.") : Refuse(at, "filter.duplicate", "Given more than once.");
            }

            if (++_conditions > PayloadFilter.MaxConditions)
            {
                return Refuse(field, "filter.too_many", $"A filter may have at most {PayloadFilter.MaxConditions} conditions.");
            }

            if (ReadMember(member, name, at, depth, out var excludes) is { } condition)
            {
                (excludes ? all : wanted).Add(excludes ? new Negation(new AtPath(path, condition), name) : condition);
            }
        }

        if (names.Count == 0)
        {
            return Refuse(field, "filter.empty", "Must hold at least one condition.");
        }

        if (wanted.Count > 0)
        {
            all.Insert(0, new AtPath(path, AllOf.Of(wanted)));
        }

        return _refusal is null ? AllOf.Of(all) : null;
    }

    /// <param name="excludes">The condition read is one that must not hold.</param>
    private Condition? ReadMember(int node, string name, string field, int depth, out bool excludes)
    {
        excludes = name is "$ne" or "$nin" or "$not" || (name == "$exists" && _json.Kind(node) == JsonTokenType.False);
        switch (name)
        {
            case "$and":
                return ReadList(node, field, depth) is { } all ? AllOf.Of(all) : null;
            case "$or":
                return ReadList(node, field, depth) is { } any ? new AnyOf([.. any]) : null;
            case "$not":
                return ReadValue(node, JsonPath.Here, field, depth);
            case "$eq" or "$ne":
                return ReadOperand(node, field) is { } constant ? new Comparison("$eq", constant) : null;
            case "$gt" or "$gte" or "$lt" or "$lte":
                return ReadOperand(node, field, "a number or a string", JsonTokenType.Number, JsonTokenType.String) is { } bound ? new Comparison(name, bound) : null;
            case "$in" or "$nin":
                return ReadOperands(node, field);
            case "$exists":
                return _json.Kind(node) is JsonTokenType.True or JsonTokenType.False ? new Present() : Refuse(field, "filter.operand", "Must be true or false.");
            case "$startsWith" or "$endsWith":
                return ReadOperand(node, field, "a string", JsonTokenType.String) is { } part ? new PartOf(name, part) : null;
            case "$contains":
                return ReadOperand(node, field) is { } item ? new PartOf(name, item) : null;
            case ['$', ..]:
                return Refuse(field, "filter.operator", $"There is no such operator; there are {Known}. A name that starts with a dollar sign is written \\{Shown.Short(name)}.");
            default:
                return JsonPath.TryParse(name, out var path, out var problem) ? ReadValue(node, path, field, depth) : Refuse(field, "filter.path", problem);
        }
    }

    private Condition? ReadValue(int node, JsonPath path, string field, int depth) => _json.Kind(node) == JsonTokenType.StartObject
        ? ReadObject(node, path, field, depth + 1)
        : ReadOperand(node, field) is { } operand ? new AtPath(path, new Comparison("$eq", operand)) : null;

    private List<Condition>? ReadList(int node, string field, int depth)
    {
        if (_json.Kind(node) != JsonTokenType.StartArray || _json.After(node) == JsonIndex.First(node))
        {
            Refuse(field, "filter.operand", "Must be a list of at least one condition.");
            return null;
        }

        if (depth + 1 > PayloadFilter.MaxDepth)
        {
            Refuse(field, "filter.too_deep", $"A filter may have at most {PayloadFilter.MaxDepth} objects and lists inside one another.");
            return null;
        }

        var conditions = new List<Condition>();
        for (var item = JsonIndex.First(node); item < _json.After(node) && _refusal is null; item = _json.After(item))
        {
            var at = $"{field}[{conditions.Count}]";
            var condition = ++_conditions > PayloadFilter.MaxConditions
                ? Refuse(field, "filter.too_many", $"A filter may have at most {PayloadFilter.MaxConditions} conditions.")
                : ReadValue(item, JsonPath.Here, at, depth + 1);
            conditions.Add(condition ?? new Present());
        }

        return conditions;
    }

    private OneOf? ReadOperands(int node, string field)
    {
        var operands = new List<Operand>();
        for (var item = JsonIndex.First(node); _json.Kind(node) == JsonTokenType.StartArray && item < _json.After(node) && operands.Count <= PayloadFilter.MaxListed; item = _json.After(item))
        {
            if (ReadOperand(item, $"{field}[{operands.Count}]") is not { } operand)
            {
                return null;
            }

            operands.Add(operand);
        }

        if (operands.Count is 0 or > PayloadFilter.MaxListed)
        {
            Refuse(field, "filter.operand", $"Must be a list of 1 to {PayloadFilter.MaxListed} values.");
            return null;
        }

        return new OneOf([.. operands]);
    }

    private Operand? ReadOperand(int node, string field, string wanted = "a string, number, true, false or null; for one of several write {\"$in\":[…]}", params ReadOnlySpan<JsonTokenType> kinds)
    {
        var kind = _json.Kind(node);
        if (kind is JsonTokenType.StartObject or JsonTokenType.StartArray || (kinds.Length > 0 && !kinds.Contains(kind)))
        {
            Refuse(field, "filter.operand", $"Must be {wanted}.");
            return null;
        }

        var raw = _json.Raw(node);
        if (kind == JsonTokenType.Number && Math.Abs(new JsonNumber(raw).Point) > 1_000_000)
        {
            Refuse(field, "filter.operand", "A number here has an exponent of at most a million.");
            return null;
        }

        if (kind != JsonTokenType.String)
        {
            return new Operand(kind, raw.ToArray(), Shown.Of(_json, node));
        }

        if (_json.StringOf(node) is not { } text)
        {
            Refuse(field, "filter.operand", "Holds a lone surrogate, which is no character.");
            return null;
        }

        return new Operand(kind, Encoding.UTF8.GetBytes(text), Shown.Of(_json, node));
    }

    private Condition? Refuse(string field, string code, string detail)
    {
        _refusal ??= Refusal.Invalid(field, code, detail);
        return null;
    }
}
