namespace Webhooks.Receiver;

/// <summary>
/// What was handled, by key: 64 characters that stand for the webhook and the id, and tell nothing of either. A request
/// has one for each key of its verifier, claimed one after the other. Implement it on a database or a cache that all
/// nodes share where there is more than one; <see cref="MemoryReplayCache"/> serves one process. All methods are called
/// from several requests at a time.
/// </summary>
public interface IReplayCache
{
    /// <summary>
    /// Takes the key for this request, in one step: of two at a time, one gets <see cref="ReplayClaim.New"/>. Where the
    /// cache outlives the process, a claim must lapse by itself: its holder may have died.
    /// </summary>
    ValueTask<ReplayClaim> Claim(string key, CancellationToken ct);

    /// <summary>The request that had the claim was handled, now or before: the key is kept for as long as the sender may repeat it.</summary>
    ValueTask Keep(string key);

    /// <summary>The request that had the claim failed, or its like is being handled: the next one with this key is new.</summary>
    ValueTask Release(string key);
}

public enum ReplayClaim
{
    /// <summary>Nobody has it: handle the request, then keep or release the key.</summary>
    New,

    /// <summary>Handled already: answer as if it had been handled now.</summary>
    Handled,

    /// <summary>Another request with this key is being handled: the sender is to come back.</summary>
    BeingHandled,
}
