using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Webhooks.Domain;

[JsonConverter(typeof(SidJsonConverter<CompanyId>))]
public readonly record struct CompanyId(Guid Value) : ISid<CompanyId>
{
    /// <summary>Owns what belongs to no customer: the admin keys.</summary>
    public static readonly CompanyId Installation = new(Guid.Empty);

    public static string Prefix => "com";
    public static CompanyId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<ApiKeyId>))]
public readonly record struct ApiKeyId(Guid Value) : ISid<ApiKeyId>
{
    public static string Prefix => "key";
    public static ApiKeyId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<WebhookId>))]
public readonly record struct WebhookId(Guid Value) : ISid<WebhookId>
{
    public static string Prefix => "wh";
    public static WebhookId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<SigningKeyId>))]
public readonly record struct SigningKeyId(Guid Value) : ISid<SigningKeyId>
{
    public static string Prefix => "sgk";
    public static SigningKeyId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<MessageId>))]
public readonly record struct MessageId(Guid Value) : ISid<MessageId>
{
    public static string Prefix => "evt";
    public static MessageId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<DeliveryId>))]
public readonly record struct DeliveryId(Guid Value) : ISid<DeliveryId>
{
    public static string Prefix => "dlv";
    public static DeliveryId From(Guid value) => new(value);
    public override string ToString() => Sid.Format(Prefix, Value);
}

[JsonConverter(typeof(SidJsonConverter<EventTypeId>))]
public readonly record struct EventTypeId(Guid Value) : ISid<EventTypeId>
{
    public static string Prefix => "ety";
    public static EventTypeId From(Guid value) => new(value);

    /// <summary>Made of what tells a type from others, so that nobody can define one twice: a UUID of version 8.</summary>
    public static EventTypeId Of(CompanyId company, string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"event type\n{company}\n{name}"), hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new EventTypeId(new Guid(hash[..16], bigEndian: true));
    }

    public override string ToString() => Sid.Format(Prefix, Value);
}
