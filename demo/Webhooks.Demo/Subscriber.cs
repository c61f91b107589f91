namespace Webhooks.Demo;

/// <summary>A customer's server with a habit. Each has a webhook of its own, and together they show every way a delivery can go.</summary>
/// <param name="EventTypes">Empty: all.</param>
/// <param name="Habit">Completes the sentence "It …".</param>
/// <param name="Answer">The status code for the n-th request, from 1, of one delivery.</param>
internal sealed record Subscriber(string Label, string Scheme, string[] EventTypes, string Habit, Func<int, int> Answer)
{
    public const int MaxAttempts = 4;
    public const int RetryIntervalMs = 600;

    public static readonly Subscriber Healthy = new("healthy", "standard", [], "answers 200", _ => 200);

    public static readonly Subscriber Flaky = new(
        "flaky", "streem", [SampleEvents.Reservation, SampleEvents.Finished, SampleEvents.Failed], "answers 503 twice, then 200", n => n <= 2 ? 503 : 200);

    public static readonly Subscriber Broken = new("broken", "standard", [SampleEvents.Received, SampleEvents.Failed], "answers 500, always", _ => 500);

    public static readonly Subscriber[] All = [Healthy, Flaky, Broken];

    /// <summary>The codes that each of its deliveries meets, the last one included: a success ends it, and so does the last attempt allowed.</summary>
    public int[] Codes { get; } = Expect(Answer);

    public string Fate => Codes[^1] == 200 ? "succeeded" : "exhausted";

    public bool Takes(string eventType) => EventTypes.Length == 0 || EventTypes.Contains(eventType);

    private static int[] Expect(Func<int, int> answer)
    {
        var codes = Enumerable.Range(1, MaxAttempts).Select(answer).ToArray();
        var success = Array.IndexOf(codes, 200);
        return success < 0 ? codes : codes[..(success + 1)];
    }
}
