namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>The schema <c>false</c>.</summary>
internal sealed class NothingRule : SchemaRule
{
    public override bool Holds(Judgement j, int node) => j.Fail(node, "Must not be there: the schema does not allow it.");
}

internal sealed class AllOfRule(Schema[] schemas) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        var holds = true;
        for (var i = 0; i < schemas.Length && (holds || j.TellsAll); i++)
        {
            holds &= schemas[i].Holds(j, node);
        }

        return holds;
    }
}

internal sealed class AnyOfRule(Schema[] schemas) : SchemaRule
{
    private readonly string _detail = $"Must fit at least one of {schemas.Length} schemas, and fits none (anyOf).";

    public override bool Holds(Judgement j, int node) =>
        Array.Exists(schemas, s => j.Silently(s, node)) || Nearest.Fail(j, node, schemas, _detail);
}

internal sealed class OneOfRule(Schema[] schemas) : SchemaRule
{
    private readonly string _fitsNone = $"Must fit exactly one of {schemas.Length} schemas, and fits none (oneOf).";

    public override bool Holds(Judgement j, int node)
    {
        var fitting = schemas.Count(s => j.Silently(s, node));
        return fitting == 1
            || (fitting > 1 ? j.Fail(node, $"Must fit exactly one of {schemas.Length} schemas, and fits {fitting} (oneOf).")
                : Nearest.Fail(j, node, schemas, _fitsNone));
    }
}

internal static class Nearest
{
    /// <summary>Adds what is wrong by the schema that is broken least: that one was probably meant.</summary>
    public static bool Fail(Judgement j, int node, Schema[] schemas, string detail)
    {
        j.Fail(node, detail);
        if (!j.Tells)
        {
            return false;
        }

        var errors = j.Errors!;
        List<(int, string)>? fewest = null;
        foreach (var schema in schemas)
        {
            j.Errors = [];
            schema.Holds(j, node);
            fewest = fewest is null || j.Errors.Count < fewest.Count ? j.Errors : fewest;
        }

        j.Errors = errors;
        errors.AddRange((fewest ?? []).Take(PayloadSchema.MaxErrors - errors.Count));
        return false;
    }
}

internal sealed class NotRule(Schema schema) : SchemaRule
{
    public override bool Holds(Judgement j, int node) => !j.Silently(schema, node) || j.Fail(node, "Must not fit a schema that it fits (not).");
}

/// <summary><c>if then else</c></summary>
internal sealed class ConditionalRule(Schema condition, Schema? then, Schema? otherwise) : SchemaRule
{
    public override bool Holds(Judgement j, int node) => (j.Silently(condition, node) ? then : otherwise)?.Holds(j, node) ?? true;
}

/// <summary><c>$ref</c>; what it names is known once the whole schema was read.</summary>
internal sealed class ReferenceRule : SchemaRule
{
    public Schema? Target { get; set; }

    public override bool Holds(Judgement j, int node) => Target!.Holds(j, node);
}
