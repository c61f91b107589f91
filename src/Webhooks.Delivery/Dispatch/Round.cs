namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// The companies that want to start deliveries of one kind, in turn: each has as many starts as its weight, then the next
/// (deficit round robin, every delivery costing the same). Within its turn a company's webhooks take turns.
/// </summary>
internal sealed class Round(PumpPolicy policy)
{
    private readonly Queue<CompanyTurns> _companies = new();

    // Over their share of the slots. They come back into the round when that has changed.
    private readonly Queue<CompanyTurns> _aside = new();

    public void Join(Line line)
    {
        line.Stands = true;
        var turns = line.Company;
        turns.Lines.Enqueue(line);
        if (!turns.Stands)
        {
            turns.Stands = true;
            _companies.Enqueue(turns);
        }
    }

    /// <summary>The line whose turn it is; it has left the round.</summary>
    public Line? Next(Slots slots)
    {
        BringBack(slots);
        while (_companies.TryPeek(out var turns))
        {
            if (turns.Lines.Count == 0)
            {
                Leave(_companies.Dequeue());
            }
            else if (!slots.MayHaveMore(turns))
            {
                turns.Credit = 0;
                _aside.Enqueue(_companies.Dequeue());
            }
            else
            {
                var line = turns.Lines.Dequeue();
                line.Stands = false;
                return line;
            }
        }

        return null;
    }

    /// <summary>The line that <see cref="Next"/> gave was started.</summary>
    public void Spend(Line line)
    {
        var turns = line.Company;
        if (turns.Credit <= 0)
        {
            turns.Credit = turns.Company.Weight = Math.Clamp(policy.WeightOf(turns.Company.Id), 1, 100);
        }

        if (--turns.Credit == 0)
        {
            _companies.Enqueue(_companies.Dequeue());
        }
    }

    // One at a time while others can go on. All of them when nobody can, because the one that may have changed is among them; there are never more than slots.
    private void BringBack(Slots slots)
    {
        for (var look = _companies.Count == 0 ? _aside.Count : Math.Min(1, _aside.Count); look > 0; look--)
        {
            var turns = _aside.Dequeue();
            if (turns.Lines.Count == 0)
            {
                Leave(turns);
            }
            else
            {
                (slots.MayHaveMore(turns) ? _companies : _aside).Enqueue(turns);
            }
        }
    }

    private static void Leave(CompanyTurns turns)
    {
        turns.Stands = false;
        turns.Credit = 0;
    }
}
