namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>One schema: rules that must all hold of a value.</summary>
internal sealed class Schema
{
    public List<SchemaRule> Rules { get; } = [];

    /// <summary>Schemas that are asked about the same value: a circle of these would never end.</summary>
    public List<Schema> InPlace { get; } = [];

    public bool Holds(Judgement j, int node)
    {
        if (!j.Enter(Rules.Count))
        {
            return false;
        }

        var holds = true;
        for (var i = 0; i < Rules.Count && (holds || j.TellsAll); i++)
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
