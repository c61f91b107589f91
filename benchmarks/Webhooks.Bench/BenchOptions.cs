namespace Webhooks.Bench;

/// <summary>What the command line may say.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        ./bench [options]     measures the service beside the bare loop, on this machine

          --quick             three seconds for each measurement, for development; the default is ten
          --seconds N         N seconds for each measurement, 1 to 300
          --connections N     connections of the load generator, 1 to 512; the default is 64
          --in-process        the hot path alone, in this process and without HTTP, for profiling
        """;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(10);
    public int Connections { get; private init; } = 64;
    public bool InProcess { get; private init; }

    /// <returns>Null where the arguments are not understood.</returns>
    public static BenchOptions? Parse(ReadOnlySpan<string> args) => args switch
    {
        [] => new BenchOptions(),
        [.. var before, "--quick"] => Parse(before) is { } o ? o with { Duration = TimeSpan.FromSeconds(3) } : null,
        [.. var before, "--in-process"] => Parse(before) is { } o ? o with { InProcess = true } : null,
        [.. var before, "--seconds", var n] => Number(n, 300) is { } value && Parse(before) is { } o ? o with { Duration = TimeSpan.FromSeconds(value) } : null,
        [.. var before, "--connections", var n] => Number(n, 512) is { } value && Parse(before) is { } o ? o with { Connections = value } : null,
        _ => null,
    };

    private static int? Number(string text, int most) => int.TryParse(text, out var value) && value >= 1 && value <= most ? value : null;
}
