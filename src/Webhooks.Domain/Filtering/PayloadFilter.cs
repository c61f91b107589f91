using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>
/// Which payloads a webhook wants: conditions on JSON paths, made ready once and asked about each event. Asking allocates
/// nothing beyond the payload's index, which all filters share.
/// </summary>
public sealed class PayloadFilter
{
    /// <summary>Bytes of the filter, without white space.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Objects and lists inside one another.</summary>
    public const int MaxDepth = 8;

    /// <summary>Conditions in all, those of <c>$and</c>, <c>$or</c> and <c>$not</c> included.</summary>
    public const int MaxConditions = 100;

    /// <summary>Constants of one <c>$in</c> or <c>$nin</c>.</summary>
    public const int MaxListed = 200;

    /// <summary>Values of a payload that one filter looks at; 64 bytes of a string or number that is read through count as one. Where that is not enough to tell, the payload matches: rather one event too many than one lost.</summary>
    public const int MaxExamined = 100_000;

    /// <summary>How people call the payload itself.</summary>
    internal const string Root = "payload";

    private readonly Condition _condition;

    internal PayloadFilter(Condition condition) => _condition = new AtPath(JsonPath.Here, condition);

    /// <param name="field">The field that holds it, such as <c>filter</c>: refusals name the place inside.</param>
    /// <param name="refusal">The rule it breaks, where the answer is null.</param>
    public static PayloadFilter? Parse(JsonText text, string field, out Refusal? refusal) => FilterParser.Parse(text, field, out refusal);

    public bool Matches(JsonIndex payload)
    {
        var e = new Evaluation(payload);
        try
        {
            return _condition.Holds(ref e, 0, false) || e.IsExhausted;
        }
        finally
        {
            e.Dispose();
        }
    }

    /// <summary>Why a payload does not match, in words that name the first condition broken; null where it matches.</summary>
    public string? WhyNot(JsonIndex payload)
    {
        if (Matches(payload))
        {
            return null;
        }

        var e = new Evaluation(payload);
        try
        {
            return _condition.WhyNot(ref e, 0, false, Root);
        }
        finally
        {
            e.Dispose();
        }
    }
}
