using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Webhooks.Api.Http;

namespace Webhooks.Api.Messages;

/// <summary>The bodies that carry payloads: one event, or many.</summary>
public static class EmitBody
{
    /// <summary>What may stand around one payload: the other fields and white space.</summary>
    public const int EnvelopeBytes = 16 * 1024;

    public const int MaxBatchBytes = 16 * 1024 * 1024;
    public const int MaxBatchEvents = 1000;

    /// <summary>Root, array and event around a payload in a batch, against the event alone: payloads may be as deep in both.</summary>
    private const int BatchDepth = JsonValue.MaxDepth + 2;

    /// <exception cref="ProblemException">400, 413, 415 or 422.</exception>
    internal static async ValueTask<EventDraft> ReadEvent(HttpContext http, int maxPayloadBytes)
    {
        var sequence = await JsonBody.ReadSequence(http, maxPayloadBytes + EnvelopeBytes, () => new ProblemException(TooLarge(maxPayloadBytes)));
        return Contiguous(http, sequence, body => ParseEvent(body, maxPayloadBytes));
    }

    /// <summary>The fields around one payload, which stays the bytes that it is: a tree of it would take thirty times their room.</summary>
    /// <exception cref="ProblemException">400, 413 or 415.</exception>
    internal static async ValueTask<Fields> ReadAround(HttpContext http, string payload, int maxPayloadBytes)
    {
        var body = await JsonBody.ReadBytes(http, maxPayloadBytes + EnvelopeBytes, () => new ProblemException(TooLarge(maxPayloadBytes)));
        return Fields.Of(JsonValue.Parse(body, left: payload));
    }

    /// <inheritdoc cref="ReadEvent"/>
    public static EventDraft ParseEvent(ReadOnlySpan<byte> body, int maxPayloadBytes) => Strictly(body, bytes =>
    {
        var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = JsonValue.MaxDepth });
        json.Read();
        var draft = new EventReader(bytes, maxPayloadBytes).Read(ref json, out var problem);

        // Refuses what follows the event, even one that breaks rules of ours: first JSON, then the rules.
        json.Read();
        return draft ?? throw new ProblemException(problem!);
    });

    /// <returns>One of both for each event, in their order.</returns>
    /// <exception cref="ProblemException">400, 413, 415 or 422: the batch as such can't be read.</exception>
    internal static async ValueTask<IReadOnlyList<(EventDraft? Draft, Problem? Problem)>> ReadBatch(HttpContext http, int maxPayloadBytes)
    {
        var sequence = await JsonBody.ReadSequence(http, MaxBatchBytes);
        return Contiguous(http, sequence, body => Strictly(body, bytes =>
        {
            var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = BatchDepth });
            json.Read();
            var events = new List<(EventDraft?, Problem?)>();
            var error = ReadEvents(bytes, ref json, maxPayloadBytes, events);
            json.Read();
            return error is { } broken ? throw new ProblemException(Problems.OfBody([broken])) : events;
        }));
    }

    public static Problem TooLarge(int maxPayloadBytes) =>
        new(413, "payload.too_large", $"A payload may have at most {maxPayloadBytes} bytes, and {EnvelopeBytes} more may stand around it.");

    private static FieldError? ReadEvents(ReadOnlySpan<byte> body, ref Utf8JsonReader json, int maxPayloadBytes, List<(EventDraft?, Problem?)> events)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw Problems.Refuse(400, "json.not_an_object", "The body must be a JSON object.");
        }

        FieldError? error = null;
        var (seen, count) = (false, 0);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isEvents = EventReader.NameAt(ref json) == "events";
            json.Read();
            if (!isEvents)
            {
                error ??= new FieldError("events", "field.unknown", "A batch has this field alone.");
                json.Skip();
            }
            else if (seen || json.TokenType != JsonTokenType.StartArray)
            {
                error ??= seen ? new FieldError("events", "field.duplicate", "Given more than once.") : new FieldError("events", "field.type", "Must be an array.");
                json.Skip();
            }
            else
            {
                for (; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
                {
                    ReadOne(body, ref json, maxPayloadBytes, events);
                }
            }

            seen |= isEvents;
        }

        return error
            ?? (!seen ? new FieldError("events", "field.required", "Is required.")
                : count is 0 or > MaxBatchEvents ? new FieldError("events", "field.items", $"Must hold 1 to {MaxBatchEvents} events; it holds {count}.")
                : null);
    }

    /// <summary>Beyond the limit events are only counted.</summary>
    private static void ReadOne(ReadOnlySpan<byte> body, ref Utf8JsonReader json, int maxPayloadBytes, List<(EventDraft?, Problem?)> events)
    {
        if (events.Count == MaxBatchEvents)
        {
            json.Skip();
            return;
        }

        var draft = new EventReader(body, maxPayloadBytes).Read(ref json, out var problem);
        events.Add((draft, problem));
    }

    private delegate T Parser<out T>(ReadOnlySpan<byte> body);

    private static T Strictly<T>(ReadOnlySpan<byte> body, Parser<T> parse)
    {
        if (!Utf8.IsValid(body))
        {
            throw Problems.Refuse(400, "json.encoding", "The body is not valid UTF-8.");
        }

        try
        {
            return parse(body);
        }
        catch (JsonException e)
        {
            throw Problems.Refuse(400, "json.malformed", $"The body is not valid JSON, or nested more than {JsonValue.MaxDepth} deep: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    /// <summary>Small bodies are parsed where the server received them; what arrived in pieces is put together in a rented buffer.</summary>
    private static T Contiguous<T>(HttpContext http, ReadOnlySequence<byte> sequence, Parser<T> parse)
    {
        var length = (int)sequence.Length;
        var rented = sequence.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (rented is null)
            {
                return parse(sequence.FirstSpan);
            }

            sequence.CopyTo(rented);
            return parse(rented.AsSpan(0, length));
        }
        finally
        {
            http.Request.BodyReader.AdvanceTo(sequence.End);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}
