using System.Collections.Concurrent;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>An event that the platform means to emit once.</summary>
/// <param name="Number">Stands in the payload, so that the log can be asked whether it came in.</param>
/// <param name="Key">With an idempotency key it is emitted until it is accepted; without, once.</param>
public sealed record Emission(int Number, string Type, string? Key)
{
    /// <summary>The answers to its tries; 0 where none came.</summary>
    public List<int> Answers { get; } = [];

    /// <summary>Of the accepted event.</summary>
    public string? Sid { get; set; }

    public override string ToString() => $"emission {Number} ({Type}, {Key ?? "no key"}; answered {string.Join(',', Answers)}; {Sid ?? "not accepted"})";
}

/// <summary>Several emitters at once, each as fast as it is answered. Every other event has an idempotency key.</summary>
public sealed class Load(Platform platform, string company, params string[] types)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(25);
    private int _last;
    private int _refused;

    public ConcurrentQueue<Emission> Emissions { get; } = new();

    public IEnumerable<Emission> Accepted => Emissions.Where(e => e.Sid is not null);

    /// <summary>Tries that were answered 503.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Ends when told to and every event with a key is accepted.</summary>
    public Task Run(int emitters, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, emitters).Select(_ => Task.Run(async () =>
    {
        while (!stop.IsCancellationRequested)
        {
            await EmitNext();
        }
    })));

    /// <summary>This many, then an end.</summary>
    public async Task Emit(int events, int emitters = 8)
    {
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, emitters).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await EmitNext();
            }
        })));
    }

    /// <summary>A repeat of an event that was accepted.</summary>
    /// <returns>The sid that the repeat was answered with.</returns>
    public async Task<string?> Repeat(Emission emission) => (await platform.Emit(company, emission.Type, emission.Number, emission.Key)).Sid;

    private async Task EmitNext()
    {
        var number = Interlocked.Increment(ref _last);
        var emission = new Emission(number, types[number / 2 % types.Length], number % 2 == 0 ? $"key-{number}" : null);
        Emissions.Enqueue(emission);
        while (true)
        {
            var (status, sid) = await platform.Emit(company, emission.Type, number, emission.Key);
            emission.Answers.Add(status);
            emission.Sid = sid;
            if (sid is not null)
            {
                return;
            }

            if (status == 503)
            {
                Interlocked.Increment(ref _refused);
            }

            // As an emitter would, instead of hammering on what is down.
            await Task.Delay(PauseAfterFailure);
            if (emission.Key is null)
            {
                return;
            }
        }
    }
}
