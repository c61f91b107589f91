namespace Webhooks.Bench.Measuring;

/// <summary>What must not be overlooked beside the figures.</summary>
internal sealed class Flaws
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    /// <summary>Nothing is a flaw no more than nothing.</summary>
    public Flaws Note(long count, string what)
    {
        if (count != 0)
        {
            _all.Add($"{count:N0} {what}");
        }

        return this;
    }
}
