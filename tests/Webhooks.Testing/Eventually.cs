using System.Diagnostics;

namespace Webhooks.Testing;

/// <summary>
/// Waits for what another process or thread brings about. The deadline is generous: it tells "never" from "slow", and no test measures with it.
/// This is the one place of the tests that polls.
/// </summary>
public static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <param name="what">Completes the sentence "It did not come about that ...".</param>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public static Task Is(Func<bool> condition, string what, TimeSpan? within = null) => Is(() => Task.FromResult(condition()), what, within);

    /// <inheritdoc cref="Is(Func{bool}, string, TimeSpan?)"/>
    public static async Task Is(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > (within ?? Deadline))
            {
                throw new TimeoutException($"It did not come about that {what}, within {within ?? Deadline}.");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>For a signal: a task that the code under test completes.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public static async Task<T> Arrives<T>(Task<T> signal, string what, TimeSpan? within = null)
    {
        var first = await Task.WhenAny(signal, Task.Delay(within ?? Deadline));
        return first == signal ? await signal : throw new TimeoutException($"It did not come about that {what}, within {within ?? Deadline}.");
    }

    /// <inheritdoc cref="Arrives{T}(Task{T}, string, TimeSpan?)"/>
    public static Task Arrives(Task signal, string what, TimeSpan? within = null) => Arrives(Completed(signal), what, within);

    private static async Task<bool> Completed(Task signal)
    {
        await signal;
        return true;
    }
}
