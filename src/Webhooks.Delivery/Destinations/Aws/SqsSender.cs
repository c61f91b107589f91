using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>
/// Messages to queues of Amazon SQS. The first goes at once; what comes while requests to its queue are under way shares
/// the next one. Nothing waits in order to be shared, and each message keeps its own deadline, answer and outcome.
/// </summary>
internal sealed class SqsSender(AwsClient aws, TimeProvider time) : IDestination
{
    private static readonly SendResult Unsent =
        new(null, FailureClass.Timeout, "The queue had not answered earlier messages before the deadline; this one was not sent.", [], [], false, TimeSpan.Zero);

    private static readonly SendResult Unanswered = Unsent with { Detail = "The response was not complete before the deadline." };

    private readonly Dictionary<SqsLineKey, SqsLine> _lines = [];
    private readonly Lock _lock = new();

    /// <summary>Queues with messages under way.</summary>
    public int BusyQueues
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    public async Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (AwsMessage.Of(request) is not { } message)
        {
            return AwsMessage.TooManyHeaders;
        }

        var entry = new SqsEntry(request, message, time, ct);
        return Enter(entry, out var line) ? await SendAlone(line, entry) : await Wait(line, entry);
    }

    private bool Enter(SqsEntry entry, out SqsLine line)
    {
        var key = new SqsLineKey(entry.Message.Target, entry.Request.Options?.Tls);
        lock (_lock)
        {
            if (_lines.TryGetValue(key, out var present))
            {
                line = present;
            }
            else
            {
                line = new SqsLine(key);
                _lines.Add(key, line);
            }

            return line.Enter(entry);
        }
    }

    private async Task<SendResult> SendAlone(SqsLine line, SqsEntry entry)
    {
        try
        {
            return await aws.Send(line.Key.Target, SqsCalls.SendMessage(entry.Message), entry.Request, entry.Caller);
        }
        finally
        {
            Leave(line, [entry]);
        }
    }

    private async Task<SendResult> Wait(SqsLine line, SqsEntry entry)
    {
        SendResult result;
        try
        {
            result = await entry.Answer.Task.WaitAsync(entry.Left, time, entry.Caller);
        }
        catch (TimeoutException)
        {
            result = Withdraw(line, entry) ? Unsent : Unanswered;
        }
        catch (OperationCanceledException)
        {
            Withdraw(line, entry);
            throw;
        }

        return result with { Duration = entry.Elapsed };
    }

    /// <returns>Whether it was in no request, and never will be.</returns>
    private bool Withdraw(SqsLine line, SqsEntry entry)
    {
        lock (_lock)
        {
            return line.Withdraw(entry);
        }
    }

    private void Leave(SqsLine line, IReadOnlyList<SqsEntry> entries, bool takenApart = false)
    {
        lock (_lock)
        {
            if (takenApart)
            {
                line.TakeApart(entries);
            }
            else
            {
                line.Leave(entries);
            }

            while (line.Next() is { Count: > 0 } next)
            {
                // Without the context of the attempt that just ended: the others are no part of it.
                ThreadPool.UnsafeQueueUserWorkItem(static next => _ = next.Self.Share(next.Line, next.Entries), (Self: this, Line: line, Entries: next), preferLocal: false);
            }

            if (line.IsIdle)
            {
                _lines.Remove(line.Key);
            }
        }
    }

    private async Task Share(SqsLine line, IReadOnlyList<SqsEntry> entries)
    {
        IReadOnlyList<SendResult>? results;
        try
        {
            results = await Ask(line.Key.Target, entries);
        }
        catch (Exception e)
        {
            // A fault of our own, or the word of the one caller: those who wait get it.
            Leave(line, entries);
            foreach (var entry in entries)
            {
                entry.Answer.TrySetException(e);
            }

            return;
        }

        Leave(line, entries, takenApart: results is null);
        for (var i = 0; i < results?.Count; i++)
        {
            entries[i].Answer.TrySetResult(results[i]);
        }
    }

    /// <returns>By place; null where they were refused as a whole, and none was taken.</returns>
    private async Task<IReadOnlyList<SendResult>?> Ask(AwsTarget target, IReadOnlyList<SqsEntry> entries)
    {
        // Whoever has the least time left gives up alone: the request goes on for the others.
        var request = entries[0].Request with { Timeout = entries.Max(e => e.Left) };
        if (entries is [var only])
        {
            return [await aws.Send(target, SqsCalls.SendMessage(only.Message), request, only.Caller)];
        }

        var answer = await aws.Ask(target, SqsCalls.SendMessageBatch([.. entries.Select(e => e.Message)]), request, CancellationToken.None);
        return answer switch
        {
            { Failure: null } => [.. SqsBatchAnswer.Read(answer, entries.Count).Select(aws.Shorten)],
            { Failure: FailureClass.Status, StatusCode: 400 or 413 } => null,
            _ => [.. Enumerable.Repeat(aws.Shorten(answer), entries.Count)],
        };
    }
}
