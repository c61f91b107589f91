using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Observing;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Observing;

public sealed class SampledTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _taken;
    private Exception? _failure;
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    [Fact]
    public async Task However_many_look_it_is_taken_every_few_seconds()
    {
        var sampled = Run();
        await Taken(1);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("1", sampled.Current);
        }

        await Pass(TimeSpan.FromSeconds(5));
        await Taken(2);
        Assert.Equal("2", sampled.Current);
    }

    [Fact]
    public async Task Nobody_looking_nothing_is_asked_until_somebody_does()
    {
        var sampled = Run();
        await Taken(1);
        for (var seconds = 0; seconds < 300; seconds += 5)
        {
            await Pass(TimeSpan.FromSeconds(5));
        }

        var then = _taken;
        Assert.InRange(then, 2, 37);
        await Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(then, _taken);
        Assert.Null(sampled.Current);
        await Pass(TimeSpan.FromSeconds(5));
        await Taken(then + 1);
        Assert.NotNull(sampled.Current);
    }

    [Fact]
    public async Task A_failure_leaves_no_old_number_and_is_tried_again()
    {
        var sampled = Run();
        await Taken(1);
        _failure = new TimeoutException("away");
        for (var seconds = 0; seconds < 35; seconds += 5)
        {
            await Pass(TimeSpan.FromSeconds(5));
        }

        Assert.Null(sampled.Current);
        _failure = null;
        await Pass(TimeSpan.FromSeconds(5));
        await Eventually.Is(() => sampled.Current is not null, "there is a number again");
    }

    private Sampled<string> Run()
    {
        var sampled = new Sampled<string>("The number", _ => _failure is { } e ? throw e : Task.FromResult(Interlocked.Increment(ref _taken).ToString()), _clock, NullLogger.Instance);
        _running = sampled.Run(_stopping.Token);
        return sampled;
    }

    private Task Taken(int times) => Eventually.Is(() => Volatile.Read(ref _taken) >= times, $"it was taken {times} times");

    private async Task Pass(TimeSpan time)
    {
        await Eventually.Is(() => _clock.Waiting > 0, "the loop waits");
        _clock.Advance(time);
    }
}
