using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>One schema: rules that must all hold of a value.</summary>
internal sealed class Schema
{
    public List<SchemaRule> Rules { get; } = [];

    /// <summary>Schemas that are asked about the same value: a circle of these would never end.</summary>
    public List<Schema> InPlace { get; } = [];

    public bool Holds(Judgement j, int node)
    {
        if (!j.Enter())
        {
            return false;
        }

        var holds = true;
        for (var i = 0; i < Rules.Count && (holds || j.Errors is not null); i++)
        {
            holds &= Rules[i].Holds(j, node);
        }

        j.Leave();
        return holds;
    }
}

internal abstract class SchemaRule
{
    /// <summary>Tells the judgement what is broken, where the answer is false.</summary>
    public abstract bool Holds(Judgement j, int node);
}

/// <summary>One payload on its way through a schema.</summary>
/// <param name="errors">Null: only whether it fits is asked.</param>
internal sealed class Judgement(JsonIndex json, List<SchemaError>? errors)
{
    /// <summary>Schemas that wait for one another; the stack has room for a multiple.</summary>
    private const int MaxNesting = 600;
    private const int MaxShownName = 64;
    private int _nesting;

    public JsonIndex Json { get; } = json;
    public List<SchemaError>? Errors { get; set; } = errors;
    public string Name { get; init; } = "payload";
    public int Steps { get; private set; }
    public bool IsExhausted { get; private set; }

    public bool Enter()
    {
        Step();
        IsExhausted |= _nesting == MaxNesting;
        _nesting += IsExhausted ? 0 : 1;
        return !IsExhausted;
    }

    public void Leave() => _nesting--;

    /// <returns>False when there were too many.</returns>
    public bool Step(int count = 1) => !(IsExhausted |= (Steps += count) > PayloadSchema.MaxSteps);

    /// <returns>False, for the rule to return.</returns>
    public bool Fail(int node, string detail)
    {
        // What is refused only because the steps are used up is no broken rule.
        if (Errors is { Count: < PayloadSchema.MaxErrors } && !IsExhausted)
        {
            Errors.Add(new SchemaError(PathOf(node), detail));
        }

        return false;
    }

    /// <summary>Whether a schema holds, without a word about why not.</summary>
    public bool Silently(Schema schema, int node)
    {
        var told = Errors;
        Errors = null;
        var holds = schema.Holds(this, node);
        Errors = told;
        return holds;
    }

    /// <summary>Members and items come after what holds them, so a value is found from the root by its number.</summary>
    private string PathOf(int node)
    {
        var path = new StringBuilder(Name);
        for (var at = 0; at != node;)
        {
            var (child, position) = (JsonIndex.First(at), 0);
            for (; Json.After(child) <= node; child = Json.After(child))
            {
                position++;
            }

            if (Json.Kind(at) == JsonTokenType.StartArray)
            {
                path.Append('[').Append(position).Append(']');
            }
            else
            {
                path.Append('.').Append(Shown(Json.NameStringOf(child) ?? "�"));
            }

            at = child;
        }

        return path.ToString();
    }

    /// <summary>As paths of filters write it.</summary>
    private static string Shown(string name)
    {
        var shown = name.Length <= MaxShownName ? name : name[..MaxShownName] + "…";
        return string.Concat(shown.Select((c, i) => c is '.' or '[' or ']' or '\\' || (c == '$' && i == 0) ? $"\\{c}" : c.ToString()));
    }
}
