using System.Text;
using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>One message on its way to a queue, alone or with others, and where its answer is waited for.</summary>
/// <param name="caller">Cancelled when nobody waits any more.</param>
internal sealed class SqsEntry(OutgoingRequest request, AwsMessage message, TimeProvider time, CancellationToken caller)
{
    private readonly long _started = time.GetTimestamp();

    public OutgoingRequest Request => request;
    public AwsMessage Message => message;
    public CancellationToken Caller => caller;
    public TaskCompletionSource<SendResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As Amazon counts them against its limit: the body, and name, type and value of each attribute.</summary>
    public int Bytes { get; } = message.Body.Length + message.Attributes.Sum(a => Encoding.UTF8.GetByteCount(a.Name) + SqsCalls.AttributeType.Length + Encoding.UTF8.GetByteCount(a.Value));

    /// <summary>What it must not overtake: messages of a strictly ordered webhook with the same key. Null: it may pass all, or the queue keeps no order.</summary>
    public string? OrderingKey => message.Target.Destination.IsFifo ? request.Message!.OrderingKey : null;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Until its deadline; zero once that has passed.</summary>
    public TimeSpan Left => request.Timeout - Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Nobody waits for it.</summary>
    public bool IsOver => IsWithdrawn || caller.IsCancellationRequested || Left == TimeSpan.Zero;

    // Guarded as its line is.

    public bool IsWithdrawn { get; set; }

    /// <summary>A request carries it, or has carried it and was not refused as a whole.</summary>
    public bool IsTaken { get; set; }

    /// <summary>A request that it shared was refused as a whole.</summary>
    public bool GoesAlone { get; set; }
}
