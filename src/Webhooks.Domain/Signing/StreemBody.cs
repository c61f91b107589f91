using System.Buffers;
using System.Text;
using Webhooks.Domain.Messages;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The body of a Streem request: <c>{"sent_at":"…","event":{"event_type":"…","payload":…}}</c>. A published validator
/// signs what JSON.stringify makes of the parsed body, so the payload is written in exactly that form.
/// </summary>
public static class StreemBody
{
    /// <param name="sentAt">The time that is signed: header and body must not differ.</param>
    /// <param name="payload">One JSON text.</param>
    /// <exception cref="System.Text.Json.JsonException">See <see cref="EcmaScriptJson.Write"/>.</exception>
    public static void Write(IBufferWriter<byte> output, DateTimeOffset sentAt, string eventType, ReadOnlySpan<byte> payload)
    {
        if (!EventTypes.IsValid(eventType))
        {
            throw new ArgumentException("Not an event type.", nameof(eventType));
        }

        // Neither text holds a character that JSON escapes.
        output.Write("{\"sent_at\":\""u8);
        Encoding.UTF8.GetBytes(StreemSignature.FormatSentAt(sentAt), output);
        output.Write("\",\"event\":{\"event_type\":\""u8);
        Encoding.UTF8.GetBytes(eventType, output);
        output.Write("\",\"payload\":"u8);
        EcmaScriptJson.Write(output, payload);
        output.Write("}}"u8);
    }
}
