using Webhooks.Domain.Catalogue.Schemas;

namespace Webhooks.Domain.Catalogue;

/// <summary>Steps that payloads which come together may take to be judged, all of them: each for itself could take what one may.</summary>
/// <param name="steps">As <see cref="PayloadSchema.MaxSteps"/> counts them.</param>
public sealed class JudgingAllowance(long steps)
{
    private long _left = steps;

    /// <summary>A payload was not judged to its end, though it may have taken no more than one may: what was judged before it had taken the steps.</summary>
    public bool IsUsedUp { get; private set; }

    /// <param name="most">That one payload may take.</param>
    internal long ForOne(long most) => Math.Clamp(_left, 0, most);

    /// <inheritdoc cref="ForOne"/>
    internal void Take(Judgement judgement, long most)
    {
        IsUsedUp |= judgement.IsExhausted && !judgement.TellsAll && _left < most;
        _left = Math.Max(0, _left - Math.Min(judgement.Steps, most));
    }
}
