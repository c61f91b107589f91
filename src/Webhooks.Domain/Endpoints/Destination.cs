using System.Text.Json.Serialization;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>Where a webhook's events go when that is a queue and no HTTP receiver. The same body, signature and headers go there.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SqsDestination), "sqs")]
[JsonDerivedType(typeof(SnsDestination), "sns")]
[JsonDerivedType(typeof(RabbitMqDestination), "rabbitmq")]
public abstract record Destination
{
    /// <summary>Its address in one line, without secrets: what stands where other webhooks have their URL.</summary>
    [JsonIgnore]
    public abstract string Url { get; }

    /// <summary>The part that nobody is shown; null where there is none.</summary>
    [JsonIgnore]
    public abstract SealedSecret? Secret { get; }

    /// <summary>The wire's path to <see cref="Secret"/>, its steps joined by dots.</summary>
    [JsonIgnore]
    public abstract string SecretPath { get; }
}

/// <param name="Vhost">Virtual host, unescaped: <c>/</c> is the broker's first one.</param>
/// <param name="Exchange">Empty: the default exchange, whose routing keys are names of queues.</param>
/// <param name="RoutingKey">Null: the event's type.</param>
public sealed record RabbitMqDestination(string Host, int Port, bool Tls, string Vhost, string User, SealedSecret Password, string Exchange, string? RoutingKey) : Destination
{
    [JsonIgnore]
    public override string Url => $"{(Tls ? "amqps" : "amqp")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Uri.EscapeDataString(Vhost)}";

    [JsonIgnore]
    public override SealedSecret? Secret => Password;

    [JsonIgnore]
    public override string SecretPath => "password";
}
