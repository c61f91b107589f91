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

    /// <summary>Patterns in all; each takes room for its automaton.</summary>
    public const int MaxPatterns = 100;

    /// <summary>Looks at a value that judging one payload may take. Where that is not enough the payload does not fit: nobody could say that it does.</summary>
    public const int MaxSteps = 1_000_000;

    /// <summary>Broken rules that are told of.</summary>
    public const int MaxErrors = 20;

    private readonly Schema _root;

    internal PayloadSchema(Schema root) => _root = root;

    /// <param name="field">The field that holds it, such as <c>schema</c>: refusals name the place inside.</param>
    /// <param name="refusal">The rule it breaks, where the answer is null.</param>
    public static PayloadSchema? Parse(JsonText text, string field, out Refusal? refusal) => SchemaParser.Parse(text, field, out refusal);

    /// <param name="name">How people call the payload: paths of errors begin with it.</param>
    /// <returns>The rules it breaks, each with its place; empty where it fits.</returns>
    public IReadOnlyList<SchemaError> Check(JsonIndex payload, string name = "payload")
    {
        // Nearly all payloads fit, so what is wrong is asked only of those that don't.
        var quick = new Judgement(payload, null);
        if (_root.Holds(quick, 0) && !quick.IsExhausted)
        {
            return [];
        }

        if (quick.IsExhausted)
        {
            return [new SchemaError(name, $"Takes more than {MaxSteps} steps to be judged by its schema.")];
        }

        var thorough = new Judgement(payload, []) { Name = name };
        _root.Holds(thorough, 0);
        return thorough.Errors is { Count: > 0 } errors ? errors : [new SchemaError(name, "Does not fit its schema, which is too large to say where.")];
    }
}

/// <param name="Path">Where in the payload: <c>payload.items[0].sku</c>.</param>
/// <param name="Detail">The rule, for people, with its keyword. Never a value of the payload.</param>
public sealed record SchemaError(string Path, string Detail);
