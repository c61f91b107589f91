using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>One payload on its way through a schema. All that takes time is a step, or several: who has no more of them gets no further.</summary>
/// <param name="tells">Broken rules are collected; else only whether the payload fits is asked.</param>
/// <param name="limit">The most steps.</param>
internal sealed class Judgement(JsonIndex json, bool tells, long limit)
{
    /// <summary>Reading so many bytes of a text, a number or a name is a step.</summary>
    public const int BytesPerStep = 16;

    /// <summary>Most rules have nothing to say to a value, and see that at once.</summary>
    private const int RulesPerStep = 8;

    /// <summary>Schemas that wait for one another; the stack has room for a multiple.</summary>
    private const int MaxNesting = 600;
    private const int MaxShownName = 64;
    private int _nesting;

    public JsonIndex Json { get; } = json;

    /// <summary>Places are numbers until all is judged: to find their paths costs more than to break a rule.</summary>
    public List<(int Node, string Detail)>? Errors { get; set; } = tells ? [] : null;
    public bool TellsAll => Errors is not null;

    /// <summary>What is refused only because the steps are used up is no broken rule.</summary>
    public bool Tells => Errors is { Count: < PayloadSchema.MaxErrors } && !IsExhausted;
    public long Steps { get; private set; }
    public bool IsExhausted { get; private set; }

    public bool Enter(int rules)
    {
        Step(1 + (rules / RulesPerStep));
        IsExhausted |= _nesting == MaxNesting;
        _nesting += IsExhausted ? 0 : 1;
        return !IsExhausted;
    }

    public void Leave() => _nesting--;

    /// <returns>False when there were too many.</returns>
    public bool Step(long count = 1) => !(IsExhausted |= (Steps += count) > limit);

    /// <inheritdoc cref="Step"/>
    public bool Read(long bytes) => Step(bytes / BytesPerStep);

    /// <summary>Whether something else fits a schema, at the expense of this judgement.</summary>
    public bool Fits(JsonIndex other, Schema schema)
    {
        var judgement = new Judgement(other, tells: false, limit - Steps);
        var holds = schema.Holds(judgement, 0);
        Steps += judgement.Steps;
        IsExhausted |= judgement.IsExhausted;
        return holds && !IsExhausted;
    }

    /// <returns>False, for the rule to return.</returns>
    public bool Fail(int node, string detail)
    {
        if (Tells)
        {
            Errors!.Add((node, detail));
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

    /// <param name="name">How people call the payload.</param>
    public IReadOnlyList<SchemaError> Told(string name) => [.. (Errors ?? []).Select(e => new SchemaError(PathOf(name, e.Node), e.Detail))];

    /// <summary>Members and items come after what holds them, so a value is found from the root by its number.</summary>
    private string PathOf(string name, int node)
    {
        var path = new StringBuilder(name);
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
