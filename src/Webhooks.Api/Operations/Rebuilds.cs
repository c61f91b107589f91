using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Operations;

[JsonConverter(typeof(JsonStringEnumConverter<RebuildState>))]
public enum RebuildState
{
    [JsonStringEnumMemberName("running")]
    Running,
    [JsonStringEnumMemberName("done")]
    Done,
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The last rebuild of one projection that this node was asked for.</summary>
/// <param name="Progress">Null before the first page.</param>
public sealed record RebuildStatus(RebuildState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, RebuildProgress? Progress);

/// <summary>Rebuilds read models beside the running service, and remembers how far each has come. One rebuild at a time in an installation.</summary>
public sealed class Rebuilds(Rebuild rebuild, TimeProvider time, ILogger<Rebuilds> log) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, RebuildStatus> _last = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Null when this node has not rebuilt it.</summary>
    public RebuildStatus? Last(string projection) => _last.GetValueOrDefault(projection);

    public static bool Knows(string projection) => projection is RebuildParts.Deliveries or RebuildParts.Registrations;

    /// <summary>Returns when the rebuild has begun, and its status tells so.</summary>
    /// <returns>False where another rebuild is under way, on this node or any other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such projection.</exception>
    public async Task<bool> Start(string projection)
    {
        Func<IProgress<RebuildProgress>, CancellationToken, Action, Task<RebuildResult>> run = projection switch
        {
            RebuildParts.Deliveries => rebuild.Deliveries,
            RebuildParts.Registrations => rebuild.Registrations,
            _ => throw new ArgumentOutOfRangeException(nameof(projection), projection, "No such projection."),
        };
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var task = Task.Run(() => Follow(projection, run, begun), CancellationToken.None);
        _running.TryAdd(task, true);
        _ = task.ContinueWith(t => _running.TryRemove(t, out _), TaskScheduler.Default);
        return await begun.Task;
    }

    private async Task Follow(string projection, Func<IProgress<RebuildProgress>, CancellationToken, Action, Task<RebuildResult>> run, TaskCompletionSource<bool> begun)
    {
        var status = new RebuildStatus(RebuildState.Running, time.GetUtcNow(), null, null);
        var report = new Report(progress => Set(status with { Progress = progress }));
        try
        {
            if (await run(report, _stopping.Token, Begin) is RebuildResult.Done done)
            {
                Set(status with { State = RebuildState.Done, EndedAt = time.GetUtcNow(), Progress = done.Parts[^1] });
            }
            else
            {
                begun.TrySetResult(false);
            }
        }
        catch (Exception e)
        {
            // Nobody waits for it: log and status tell. The read model stands as it was.
            log.LogError(e, "The rebuild of {Projection} was broken off", projection);
            Set(status with { State = RebuildState.Failed, EndedAt = time.GetUtcNow() });
            begun.TrySetResult(true);
        }

        void Begin()
        {
            Set(status);
            begun.TrySetResult(true);
        }

        // Only who was let in reports: a rebuild that is refused leaves the status of the one under way alone.
        void Set(RebuildStatus to) => _last[projection] = status = to;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A rebuild that is broken off leaves the present read model as it is.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Keys);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Reports at once and in order, where <see cref="Progress{T}"/> would post to the pool.</summary>
    private sealed class Report(Action<RebuildProgress> report) : IProgress<RebuildProgress>
    {
        void IProgress<RebuildProgress>.Report(RebuildProgress value) => report(value);
    }
}
