namespace Webhooks.Domain.Filtering;

/// <summary>One rule of a filter, ready to be asked. Immutable, shared by all events.</summary>
internal abstract class Condition
{
    /// <summary>Whether it asks for members of the value: then an array is asked item by item, never as such.</summary>
    public virtual bool SpeaksOfMembers => false;

    /// <summary>Of an evaluation that is exhausted the answer means nothing: the filter matches then.</summary>
    /// <param name="node">The value in question.</param>
    /// <param name="isItem">It is asked as an item of an array that the filter's path led to.</param>
    public abstract bool Holds(ref Evaluation e, int node, bool isItem);

    /// <summary>Why it does not hold, for people.</summary>
    /// <param name="at">How people call the value.</param>
    public abstract string WhyNot(ref Evaluation e, int node, bool isItem, string at);
}

internal sealed class AllOf(Condition[] conditions) : Condition
{
    public override bool SpeaksOfMembers { get; } = conditions.Any(c => c.SpeaksOfMembers);

    public static Condition Of(IReadOnlyList<Condition> conditions) => conditions.Count == 1 ? conditions[0] : new AllOf([.. conditions]);

    public override bool Holds(ref Evaluation e, int node, bool isItem)
    {
        foreach (var condition in conditions)
        {
            if (e.IsExhausted || !condition.Holds(ref e, node, isItem))
            {
                return false;
            }
        }

        return true;
    }

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at)
    {
        foreach (var condition in conditions)
        {
            if (!condition.Holds(ref e, node, isItem))
            {
                return condition.WhyNot(ref e, node, isItem, at);
            }
        }

        return "it holds";
    }
}

internal sealed class AnyOf(Condition[] conditions) : Condition
{
    private const int MaxTold = 3;

    public override bool SpeaksOfMembers { get; } = conditions.Any(c => c.SpeaksOfMembers);

    public override bool Holds(ref Evaluation e, int node, bool isItem)
    {
        foreach (var condition in conditions)
        {
            if (condition.Holds(ref e, node, isItem))
            {
                return true;
            }

            if (e.IsExhausted)
            {
                return false;
            }
        }

        return false;
    }

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at)
    {
        var reasons = new List<string>();
        foreach (var condition in conditions.Take(MaxTold))
        {
            reasons.Add(condition.WhyNot(ref e, node, isItem, at));
        }

        return $"none of $or holds: {string.Join("; ", reasons)}{(conditions.Length > MaxTold ? "; …" : "")}";
    }
}

/// <param name="name">The operator that negates, for people.</param>
internal sealed class Negation(Condition condition, string name) : Condition
{
    public override bool SpeaksOfMembers => condition.SpeaksOfMembers;

    public override bool Holds(ref Evaluation e, int node, bool isItem) => !condition.Holds(ref e, node, isItem);

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at) =>
        condition is AtPath path ? $"{AtPath.Name(at, path.Path)} is what {name} excludes" : $"{at} is what {name} excludes";
}

/// <summary>There is a value: what <c>$exists</c> asks for.</summary>
internal sealed class Present : Condition
{
    public override bool Holds(ref Evaluation e, int node, bool isItem) => true;

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at) => "it holds";
}
