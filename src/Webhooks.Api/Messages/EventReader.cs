using System.Runtime.InteropServices;
using System.Text.Json;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Messages;

/// <summary>An event as a request describes it.</summary>
/// <param name="Company">Null: the key's own.</param>
/// <param name="Payload">The exact bytes of the JSON value.</param>
/// <param name="Id">The emitter's own name for it: an idempotency key.</param>
public sealed record EventDraft(CompanyId? Company, string Type, byte[] Payload, string? Id)
{
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }
    public EquatableArray<string> Channels { get; init; }
}

/// <summary>
/// Reads one event in one pass over the request's bytes and copies its payload out of them once. The rules are those of
/// <see cref="Fields"/>; that one builds a tree, which thousands of events per second do not need.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct EventReader(ReadOnlySpan<byte> body, int maxPayloadBytes)
{
    private const int MaxErrors = 100;
    private const int MaxNameLength = 200;
    private static readonly string[] Names = ["company_sid", "type", "payload", "id", "ordering_key", "deliver_at", "channels"];

    private readonly ReadOnlySpan<byte> _body = body;
    private List<FieldError>? _errors;
    private Seen _seen;
    private CompanyId? _company;
    private string _type = "";
    private string? _id;
    private string? _orderingKey;
    private DateTimeOffset? _deliverAt;
    private string[] _channels = [];
    private Range _payload;

    /// <param name="json">At the first token of the event; afterwards at its last.</param>
    /// <param name="problem">What is wrong with it, where the answer is null.</param>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public EventDraft? Read(ref Utf8JsonReader json, out Problem? problem)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            problem = new Problem(400, "json.not_an_object", "An event must be a JSON object.");
            return null;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref json);
        }

        Require(Seen.Type, "type");
        Require(Seen.Payload, "payload");
        problem = Judge();
        return problem is null ? new EventDraft(_company, _type, _body[_payload].ToArray(), _id) { OrderingKey = _orderingKey, DeliverAt = _deliverAt, Channels = _channels } : null;
    }

    private void ReadMember(ref Utf8JsonReader json)
    {
        // A name is made into a string only where it is refused.
        var field = FieldAt(ref json);
        var name = field == Seen.Nothing ? NameAt(ref json) : NameOf(field);
        json.Read();
        if (field == Seen.Nothing)
        {
            Refuse(name, "field.unknown", _errors?.Count >= MaxErrors ? "" : $"There is no such field.{DidYouMean.Hint(name, Names)}");
            json.Skip();
        }
        else if (_seen.HasFlag(field))
        {
            Refuse(name, "field.duplicate", "Given more than once.");
            json.Skip();
        }
        else
        {
            _seen |= field;
            ReadValue(ref json, field);
        }
    }

    private static Seen FieldAt(ref Utf8JsonReader json)
    {
        var name = json.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(NameAt(ref json)) : json.ValueSpan;
        return name.SequenceEqual("type"u8) ? Seen.Type
            : name.SequenceEqual("payload"u8) ? Seen.Payload
            : name.SequenceEqual("company_sid"u8) || name.SequenceEqual("companySid"u8) ? Seen.Company
            : name.SequenceEqual("id"u8) ? Seen.Id
            : name.SequenceEqual("ordering_key"u8) || name.SequenceEqual("orderingKey"u8) ? Seen.OrderingKey
            : name.SequenceEqual("deliver_at"u8) || name.SequenceEqual("deliverAt"u8) ? Seen.DeliverAt
            : name.SequenceEqual("channels"u8) ? Seen.Channels
            : Seen.Nothing;
    }

    private static string NameOf(Seen field) => field switch
    {
        Seen.Type => "type",
        Seen.Payload => "payload",
        Seen.Company => "company_sid",
        Seen.OrderingKey => "ordering_key",
        Seen.DeliverAt => "deliver_at",
        Seen.Channels => "channels",
        _ => "id",
    };

    private void ReadValue(ref Utf8JsonReader json, Seen field)
    {
        switch (field)
        {
            case Seen.Payload:
                var start = (int)json.TokenStartIndex;
                json.Skip();
                _payload = start..(int)json.BytesConsumed;
                break;
            case Seen.Channels:
                _channels = ReadChannels(ref json);
                break;
            case Seen.Type when TextAt(ref json, "type", required: true) is { } type:
                _type = type;
                Refuse(EventTypes.Refuse(type, "type"));
                if (EventTypes.IsReserved(type))
                {
                    Refuse("type", "event_type.reserved", $"Types that begin with '{EventTypes.ReservedPrefix}' are the service's own: '{EventTypes.Test}' is sent with ~test of the webhook, the others when its health changes.");
                }

                break;
            case Seen.Company when TextAt(ref json, "company_sid", required: false) is { } text:
                if (Sid.TryParse<CompanyId>(text, out var company))
                {
                    _company = company;
                }
                else
                {
                    Refuse("company_sid", "field.sid", $"Must be a sid of the form {CompanyId.Prefix}_….");
                }

                break;
            case Seen.Id when TextAt(ref json, "id", required: false) is { } id:
                _id = id;
                if (!IdempotencyKey.IsValid(id))
                {
                    Refuse("id", "idempotency_key.form", IdempotencyKey.Rule);
                }

                break;
            case Seen.OrderingKey when TextAt(ref json, "ordering_key", required: false) is { } key:
                _orderingKey = key;
                Refuse(Message.RefuseOrderingKey(key));
                break;
            case Seen.DeliverAt when TextAt(ref json, "deliver_at", required: false) is { } time:
                _deliverAt = Wire.ParseTime(time);
                if (_deliverAt is null)
                {
                    Refuse("deliver_at", "field.time", "Must be a time with its offset, as RFC 3339 has it, such as 2026-01-31T12:00:00Z.");
                }

                break;
        }
    }

    private readonly Problem? Judge()
    {
        if (_errors is not null)
        {
            return Problems.OfBody(_errors);
        }

        var (_, length) = _payload.GetOffsetAndLength(_body.Length);
        return length > maxPayloadBytes ? EmitBody.TooLarge(maxPayloadBytes) : null;
    }

    private string[] ReadChannels(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            if (json.TokenType != JsonTokenType.Null)
            {
                Refuse("channels", "field.type", "Must be an array.");
                json.Skip();
            }

            return [];
        }

        var channels = new List<string>();
        var count = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            // Beyond the limit they are only counted.
            if (count >= Channels.MaxPerEvent)
            {
                json.Skip();
            }
            else if (TextAt(ref json, $"channels[{count}]", required: true) is { } channel)
            {
                channels.Add(channel);
            }
        }

        if (count > Channels.MaxPerEvent)
        {
            Refuse("channels", "channel.too_many", $"Must hold at most {Channels.MaxPerEvent} channels; it holds {count}.");
        }
        else if (channels.Count == count)
        {
            Refuse(Channels.Refuse(channels, Channels.MaxPerEvent, "channels"));
        }

        return [.. channels];
    }

    /// <summary>Null where it is no text, with an error; null too where it is null and may be.</summary>
    private string? TextAt(ref Utf8JsonReader json, string name, bool required)
    {
        if (json.TokenType == JsonTokenType.Null && !required)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            Refuse(name, json.TokenType == JsonTokenType.Null ? "field.required" : "field.type", json.TokenType == JsonTokenType.Null ? "Must not be null." : "Must be a string.");
            json.Skip();
            return null;
        }

        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            Refuse(name, "field.text", "Holds a lone surrogate, which is no character.");
            return null;
        }
    }

    internal static string NameAt(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: the name is refused, so it is shown as it came.
            return System.Text.Encoding.UTF8.GetString(json.ValueSpan);
        }
    }

    private void Require(Seen field, string name)
    {
        if (!_seen.HasFlag(field))
        {
            Refuse(name, "field.required", "Is required.");
        }
    }

    private void Refuse(Refusal? refusal)
    {
        if (refusal is not null)
        {
            Refuse(refusal.Field!, refusal.Code, refusal.Detail);
        }
    }

    private void Refuse(string name, string code, string detail)
    {
        _errors ??= [];
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(new FieldError(name.Length <= MaxNameLength ? name : name[..MaxNameLength], code, detail));
        }
    }

    [Flags]
    private enum Seen
    {
        Nothing = 0,
        Type = 1,
        Payload = 2,
        Company = 4,
        Id = 8,
        OrderingKey = 16,
        DeliverAt = 32,
        Channels = 64,
    }
}
