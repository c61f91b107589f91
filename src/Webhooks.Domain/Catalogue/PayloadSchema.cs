using Webhooks.Domain.Catalogue.Schemas;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue;

/// <summary>
/// What payloads of an event type look like: a JSON Schema (2020-12, the part that docs/event-catalogue.md states), made
/// ready once and asked about each payload. Numbers are compared by their digits, never as doubles.
/// </summary>
public sealed class PayloadSchema
{
    /// <summary>Bytes of the schema, without white space.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Schemas inside one another, as written.</summary>
    public const int MaxDepth = 32;

    /// <summary>Schemas in all.</summary>
    public const int MaxSchemas = 2_000;

    /// <summary>Characters of one <c>pattern</c>.</summary>
    public const int MaxPatternLength = 1_000;

    /// <summary>Patterns in all.</summary>
    public const int MaxPatterns = 100;

    /// <summary>Places of the automata of all patterns, eight bytes each: with what is repeated written out, about one for each character that a match may have.</summary>
    public const int MaxPatternPlaces = 10_000;

    /// <summary>
    /// Steps that judging one payload may take, or as many as it has bytes where those are more. Each stands for what takes
    /// some ten nanoseconds, such as a look at a value, eight looks at a place of a pattern, sixteen bytes of a long text.
    /// Where they are not enough the payload does not fit: nobody could say that it does.
    /// </summary>
    /// <remarks>
    /// With 40 schemas made to waste time, each with the payload of 256 KiB that suits it best, judging took 2 to 150 ms of one
    /// core: patterns 25, uniqueItems 110 (150 where what is wrong is told), escaped names 95, all others less. An honest
    /// schema takes 180,000 steps and 8 ms for 4,500 objects of three members, which are as much.
    /// </remarks>
    public const int MaxSteps = 1_000_000;

    /// <summary>Broken rules that are told of.</summary>
    public const int MaxErrors = 20;

    private readonly Schema _root;

    internal PayloadSchema(Schema root) => _root = root;

    /// <param name="field">The field that holds it, such as <c>schema</c>: refusals name the place inside.</param>
    /// <param name="refusal">The rule it breaks, where the answer is null.</param>
    public static PayloadSchema? Parse(JsonText text, string field, out Refusal? refusal) => SchemaParser.Parse(text, field, out refusal);

    /// <param name="name">How people call the payload: paths of errors begin with it.</param>
    /// <param name="allowance">Shared with other payloads; null: this one has its own, once to be judged and once to be told what is wrong.</param>
    /// <returns>The rules it breaks, each with its place; empty where it fits.</returns>
    public IReadOnlyList<SchemaError> Check(JsonIndex payload, string name = "payload", JudgingAllowance? allowance = null)
    {
        // Nearly all payloads fit, so what is wrong is asked only of those that don't.
        var most = Math.Max(MaxSteps, payload.Raw(0).Length);
        allowance ??= new JudgingAllowance(2L * most);
        var quick = new Judgement(payload, tells: false, allowance.ForOne(most));
        var fits = _root.Holds(quick, 0);
        allowance.Take(quick, most);
        if (quick.IsExhausted)
        {
            return [new SchemaError(name, $"Takes more than {most} steps to be judged by its schema.")];
        }

        return fits ? [] : Tell(payload, name, allowance, most);
    }

    private IReadOnlyList<SchemaError> Tell(JsonIndex payload, string name, JudgingAllowance allowance, long most)
    {
        var thorough = new Judgement(payload, tells: true, allowance.ForOne(most));
        _root.Holds(thorough, 0);
        allowance.Take(thorough, most);
        return thorough.Told(name) is { Count: > 0 } errors ? errors : [new SchemaError(name, "Does not fit its schema, which is too large to say where.")];
    }
}

/// <param name="Path">Where in the payload: <c>payload.items[0].sku</c>.</param>
/// <param name="Detail">The rule, for people, with its keyword. Never a value of the payload.</param>
public sealed record SchemaError(string Path, string Detail);
