using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Routing;

/// <summary>A webhook made ready for sending: parsed once per change, secrets opened.</summary>
public sealed class RoutedWebhook
{
    public RoutedWebhook(WebhookId id, int version, Webhook webhook, SecretSealer sealer)
    {
        var configuration = webhook.Configuration ?? throw new ArgumentException("A routed webhook has a configuration.", nameof(webhook));
        (Id, Version, Status, IsOff, Configuration) = (id, version, webhook.Status, webhook is { Status: WebhookStatus.Disabled, DisabledReason: DisabledReason.Off }, configuration);
        Health = webhook.Health ?? WebhookHealth.Healthy;
        Url = new Uri(configuration.Url);
        Timeout = TimeSpan.FromMilliseconds(configuration.TimeoutMs);
        var context = id.ToString();
        OpenedHeaders = [.. configuration.Headers.Select(h => new OpenedHeader(h.Name, sealer.Open(h.Value, context), h.Signed))];
        var secret = configuration.Auth is { } auth ? sealer.Open(auth.Secret, context) : "";
        CustomHeaders = ConfiguredHeaders.Of(configuration, OpenedHeaders.Select(h => new Header(h.Name, h.Value)), configuration.Auth?.Authorization(secret));
        Target = configuration.Destination is { } destination ? QueueTarget.Open(destination, id, webhook.Company, sealer) : null;
        SendOptions = SendOptionsOf(id, version, configuration, secret, sealer);
        Signatures = new RequestSignatures(configuration, [.. webhook.Keys.Select(k => new OpenedKey(sealer.Open(k.Secret, context), k))]);
        Filter = configuration.Filter is { } filter ? PayloadFilter.Parse(filter, "filter", out var broken) : null;
        Shape = configuration.Shape is { } shape ? Shape.Parse(shape, "shape", out broken) : null;
        IsUnreadable = (configuration.Filter is not null && Filter is null) || (configuration.Shape is not null && Shape is null);
    }

    public WebhookId Id { get; }

    /// <summary>Of the webhook's stream: recorded with each attempt, so that the audit can say what was in force.</summary>
    public int Version { get; }
    public WebhookStatus Status { get; }

    /// <summary>It matches no event; what it was sent before is parked.</summary>
    public bool IsOff { get; }
    public WebhookHealth Health { get; }
    public bool TakesDeliveries => Status == WebhookStatus.Active && !IsPaused;
    public bool IsPaused => Health.State == HealthState.Paused;
    public WebhookConfiguration Configuration { get; }
    public Uri Url { get; }
    public TimeSpan Timeout { get; }
    public OpenedHeader[] OpenedHeaders { get; }

    public RequestSignatures Signatures { get; }

    /// <summary>The customer's own, and those that auth and transport give.</summary>
    public Header[] CustomHeaders { get; }

    /// <summary>Null: HTTP, to <see cref="Url"/>.</summary>
    public QueueTarget? Target { get; }

    /// <summary>Null where all is as by default.</summary>
    public SendOptions? SendOptions { get; }

    /// <summary>Null: every payload is wanted.</summary>
    public PayloadFilter? Filter { get; }

    /// <summary>Null: payloads are sent as they are.</summary>
    public Shape? Shape { get; }

    /// <summary>
    /// Its filter or shape was written by a newer version and means nothing to this one. It matches, so that nothing is lost,
    /// and nothing is sent, so that nothing leaves that should not: its deliveries fail and are tried again.
    /// </summary>
    public bool IsUnreadable { get; }

    private static SendOptions? SendOptionsOf(WebhookId id, int version, WebhookConfiguration configuration, string secret, SecretSealer sealer)
    {
        var transport = configuration.Transport;
        var certificate = transport?.ClientCertificate;
        var options = new SendOptions(
            transport?.HttpVersion == HttpVersionChoice.Http2,
            transport?.Compression == BodyCompression.Gzip,
            certificate is null && transport?.Ca is null
                ? null
                : new TlsIdentity(certificate?.Certificate, certificate is null ? null : sealer.Open(certificate.PrivateKey, id.ToString()), transport?.Ca),
            configuration.Auth is OAuth2ClientCredentials o ? new OAuthCredentials(id, version, new Uri(o.TokenUrl), o.ClientId, secret, o.Scope, o.Audience) : null);
        return options == new SendOptions() ? null : options;
    }
}
