namespace Webhooks.Receiver;

/// <summary>What a receiving route takes besides its verifier.</summary>
public sealed record WebhookReceiverOptions
{
    /// <summary>
    /// HTTP methods that the route answers to. Name the webhook's own alone: no scheme signs the method, so that a body
    /// once signed is as genuine as the query string of a GET, which comes without a body, and the other way round.
    /// </summary>
    public IReadOnlyList<string> Methods { get; init; } = ["POST"];

    /// <summary>Bytes of a body at most, unpacked; larger ones are answered with 413. 1 MiB unless set; the server's own limit holds besides.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Remembers what was handled, so that a retry or a replay is answered without being handled again; null: every genuine request is handled.</summary>
    public IReplayCache? ReplayCache { get; init; }

    /// <summary>
    /// What two requests share that are to be handled once; null from it: this request is handled in any case. Unless
    /// set, <see cref="ReceivedWebhook.Id"/>. Where the scheme does not sign the id, one from the body is safer. It
    /// counts for one webhook alone, which the route makes of the request's path and the verifier's keys: the same id
    /// at another path, or from a sender that has other keys, is another one. No scheme signs the path: where a route
    /// takes any, a replay at another path is handled again.
    /// </summary>
    public Func<ReceivedWebhook, string?> ReplayKey { get; init; } = static webhook => webhook.Id;

    /// <summary>The clock that signed times are compared with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
