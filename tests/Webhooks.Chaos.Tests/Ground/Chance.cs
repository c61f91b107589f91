namespace Webhooks.Chaos.Tests.Ground;

/// <summary>Where a test's random moments come from: printed with every failure, and given again by <c>WEBHOOKS_CHAOS_SEED</c>.</summary>
public sealed class Chance
{
    public Chance()
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable("WEBHOOKS_CHAOS_SEED"), out var given) ? given : Environment.TickCount & 0xFFFF;
        Random = new Random(Seed);
    }

    public int Seed { get; }

    public Random Random { get; }

    public override string ToString() => $"WEBHOOKS_CHAOS_SEED={Seed}";
}
