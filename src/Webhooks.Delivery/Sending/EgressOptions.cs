using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Sending;

/// <summary>Where and how requests leave this installation.</summary>
public sealed class EgressOptions : IValidatableObject
{
    [Description("Networks exempted from the guard against private addresses, such as 10.0.0.0/8 or 127.0.0.0/8. Link-local and cloud metadata addresses stay blocked always.")]
    public string[] AllowNetworks { get; set; } = [];

    [Description("Refuse plain http, when a webhook is registered and when it is sent.")]
    public bool HttpsOnly { get; set; }

    [Description("Connections to one host and port at most; requests beyond it wait within their deadline.")]
    [Range(1, 10_000)]
    public int MaxConnectionsPerServer { get; set; } = 256;

    [Description("Bytes of a response body that are kept with the attempt.")]
    [Range(0, 1024 * 1024)]
    public int MaxStoredResponseBytes { get; set; } = 16 * 1024;

    [Description("Bytes of a response body that are read before the connection is dropped; at least MaxStoredResponseBytes.")]
    [Range(0, 16 * 1024 * 1024)]
    public int MaxReadResponseBytes { get; set; } = 64 * 1024;

    /// <exception cref="ValidationException">An entry of <see cref="AllowNetworks"/> is no network.</exception>
    public AllowedNetworks ParseAllowNetworks() =>
        AllowedNetworks.TryParse(AllowNetworks, out var networks, out var problem) ? networks : throw new ValidationException($"{nameof(AllowNetworks)}: {problem}");

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!AllowedNetworks.TryParse(AllowNetworks, out _, out var problem))
        {
            yield return new ValidationResult($"{nameof(AllowNetworks)}: {problem}", [nameof(AllowNetworks)]);
        }

        if (MaxReadResponseBytes < MaxStoredResponseBytes)
        {
            yield return new ValidationResult($"{nameof(MaxReadResponseBytes)} must be at least {nameof(MaxStoredResponseBytes)}.", [nameof(MaxReadResponseBytes)]);
        }
    }
}
