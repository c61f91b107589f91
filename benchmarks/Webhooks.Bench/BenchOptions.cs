using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Bench;

/// <summary>What the command line may say.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        ./bench [options]     measures the service beside the bare loop, on this machine

          --quick             three seconds for each measurement and no scenarios, for development
          --full              everything at the size of the aims: a million retries, 100,000 webhooks
          --seconds N         N seconds for each measurement, 1 to 300; the default is ten
          --connections N     connections of the load generator, 1 to 512; the default is 64
          --backlog N         deliveries that a worker finds waiting, 0 (not measured) to 10,000,000; the default is 50,000
          --retries N         retries that fall due at the rate of a million in a minute, 0 to 10,000,000; the default is 100,000
          --webhooks N        webhooks of one company, of which an event matches one, 0 to 1,000,000; the default is 20,000
          --with JSON         fan-out 1 once more, to webhooks with these fields, and what they cost:
                              --with '{"event_types":["order.*"]}'
          --scenarios-only    leaves the first part out: throughput and latency
          --in-process        the hot path alone, in this process and without HTTP, for profiling; no scenarios
        """;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(10);
    public int Connections { get; private init; } = 64;
    public bool InProcess { get; private init; }
    public bool ScenariosOnly { get; private init; }
    public int Backlog { get; private init; } = 50_000;
    public int Retries { get; private init; } = 100_000;
    public int Webhooks { get; private init; } = 20_000;

    /// <summary>Null: not measured.</summary>
    public JsonObject? With { get; private init; }

    /// <returns>Null where the arguments are not understood.</returns>
    public static BenchOptions? Parse(ReadOnlySpan<string> args) => args switch
    {
        [] => new BenchOptions(),
        [.. var before, "--quick"] => Parse(before) is { } o ? o with { Duration = TimeSpan.FromSeconds(3), Backlog = 0, Retries = 0, Webhooks = 0 } : null,
        [.. var before, "--full"] => Parse(before) is { } o ? o with { Retries = 1_000_000, Webhooks = 100_000 } : null,
        [.. var before, "--in-process"] => Parse(before) is { } o ? o with { InProcess = true, Backlog = 0, Retries = 0, Webhooks = 0 } : null,
        [.. var before, "--scenarios-only"] => Parse(before) is { } o ? o with { ScenariosOnly = true } : null,
        [.. var before, "--seconds", var n] => Number(n, 1, 300) is { } value && Parse(before) is { } o ? o with { Duration = TimeSpan.FromSeconds(value) } : null,
        [.. var before, "--connections", var n] => Number(n, 1, 512) is { } value && Parse(before) is { } o ? o with { Connections = value } : null,
        [.. var before, "--backlog", var n] => Number(n, 0, 10_000_000) is { } value && Parse(before) is { } o ? o with { Backlog = value } : null,
        [.. var before, "--retries", var n] => Number(n, 0, 10_000_000) is { } value && Parse(before) is { } o ? o with { Retries = value } : null,
        [.. var before, "--webhooks", var n] => Number(n, 0, 1_000_000) is { } value && Parse(before) is { } o ? o with { Webhooks = value } : null,
        [.. var before, "--with", var json] => Fields(json) is { } fields && Parse(before) is { } o ? o with { With = fields } : null,
        _ => null,
    };

    private static int? Number(string text, int least, int most) => int.TryParse(text, out var value) && value >= least && value <= most ? value : null;

    private static JsonObject? Fields(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
