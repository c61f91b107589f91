using System.Text;

namespace Webhooks.Bench.Traffic;

/// <summary>The bytes of one request that emits, made once; only the times in its payloads change from send to send.</summary>
internal sealed class EmitRequest
{
    private const string Hole = "\u0001";

    private readonly byte[] _bytes;
    private readonly int[] _payloads;

    /// <param name="events">More than one makes it a batch.</param>
    public EmitRequest(string authorization, string companySid, int events)
    {
        var one = $$"""{"company_sid":"{{companySid}}","type":"order.paid","payload":{{Hole}}}""";
        var body = events == 1 ? one : $$"""{"events":[{{string.Join(',', Enumerable.Repeat(one, events))}}]}""";
        var length = body.Length + (events * (Payload.Length - Hole.Length));
        var pieces = $"POST /v1/events{(events == 1 ? "" : "/~batch")} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            .Split(Hole);
        (Events, _payloads) = (events, new int[events]);
        using var bytes = new MemoryStream();
        for (var i = 0; i < events; i++)
        {
            bytes.Write(Encoding.ASCII.GetBytes(pieces[i]));
            _payloads[i] = (int)bytes.Position;
            bytes.Write(new byte[Payload.Length]);
        }

        bytes.Write(Encoding.ASCII.GetBytes(pieces[events]));
        _bytes = bytes.ToArray();
    }

    public int Events { get; }

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> DueAt(long due)
    {
        foreach (var payload in _payloads)
        {
            Payload.Write(_bytes.AsSpan(payload), due);
        }

        return _bytes;
    }

    /// <returns>How many of its events the answer accepts.</returns>
    public int Accepted(ReadOnlySpan<byte> answer) => Events == 1
        ? HttpFrame.Status(answer) == 202 ? 1 : 0
        : HttpFrame.Status(answer) == 200 ? answer.Count("\"status\":202"u8) : 0;
}
