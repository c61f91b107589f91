using Webhooks.Api.Hosting;
using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Operations;

/// <summary><c>webhooks rebuild</c>: with all nodes stopped, makes every read model and the schedule of deliveries anew from the log.</summary>
internal static class RebuildCommand
{
    public const string Name = "rebuild";

    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] settings, TextWriter output, TextWriter errors)
    {
        await using var app = await WebhooksHost.Build(settings);
        using var stopping = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stopping.Cancel();
        };
        var bar = new ProgressBar(output, isTerminal: ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected);
        try
        {
            var result = await app.Services.GetRequiredService<Rebuild>().Everything(bar, stopping.Token);
            return Explain(result, output, errors);
        }
        catch (LogGrewException e)
        {
            await errors.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Broken off. What was not rebuilt stands as it was; run it again at any time.");
            return 1;
        }
    }

    private static int Explain(RebuildResult result, TextWriter output, TextWriter errors)
    {
        switch (result)
        {
            case RebuildResult.Done done:
                foreach (var part in done.Parts)
                {
                    output.WriteLine($"{Title(part.Part),-38} {part.RowsWritten,12:N0} rows from {part.FactsRead:N0} facts in {part.Elapsed.TotalSeconds:0.0} s, {part.FactsPerSecond:N0} facts/s");
                }

                output.WriteLine("Rebuilt from the log; nothing was sent.");
                return 0;
            case RebuildResult.NodesAtWork:
                errors.WriteLine("A service is running on this database; stop all its nodes first. While it runs, POST /v1/admin/projections/{name}/~rebuild rebuilds read models.");
                return 1;
            case RebuildResult.AlreadyRunning:
                errors.WriteLine("Another rebuild of this database is under way; wait for its end.");
                return 1;
            default:
                throw new InvalidOperationException($"No words for {result.GetType().Name}.");
        }
    }

    internal static string Title(string part) => part switch
    {
        RebuildParts.Registrations => "Companies, API keys, webhooks",
        RebuildParts.Deliveries => "Deliveries",
        RebuildParts.Schedule => "Schedule, idempotency keys, routing",
        _ => part,
    };
}
