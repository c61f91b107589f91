using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Webhooks.Api.Http;
using Webhooks.Api.Operations.Metrics;
using Webhooks.Delivery.Sending;

namespace Webhooks.Api.Hosting;

public enum Role
{
    All,
    Api,
    Worker,
}

/// <summary>The settings of a node, section <c>Webhooks</c>. Purposes and bounds stand in the attributes, from which the README's table is made.</summary>
public sealed class WebhooksOptions : IValidatableObject
{
    public const string Section = "Webhooks";

    [Description("Folder of the embedded database and of the generated master key. Relative to the working directory.")]
    [Required]
    public string DataDirectory { get; set; } = "./data";

    [Description("What this node does: `api` answers HTTP, `worker` delivers, `all` does both.")]
    public Role Role { get; set; } = Role.All;

    [Description("An admin key for automation, as `id:secret`. The id is a key sid or a name of 3 to 64 letters, digits, '-' and '_'; the secret has 8 to 256 characters. Issued at the first start that finds it.")]
    public string? BootstrapKey { get; set; }

    [Description("Encrypts signing secrets at rest: 32 bytes in base64 or hex, the same on all nodes. Without it one is generated into `DataDirectory/master.key`.")]
    public string? MasterKey { get; set; }

    [Description("Folder of the PostgreSQL programs (initdb, pg_ctl, postgres) for the embedded database. Without it they are looked for.")]
    public string? PostgresBinDirectory { get; set; }

    [Description("Connections to the database that this node opens at most.")]
    [Range(5, 500)]
    public int MaxConnections { get; set; } = 20;

    public EmitOptions Emit { get; set; } = new();

    public DeliverySettings Delivery { get; set; } = new();

    public HealthSettings Health { get; set; } = new();

    public EgressOptions Egress { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (BootstrapKey is not null && !BootstrapCredentials.TryParse(BootstrapKey, out _))
        {
            yield return new ValidationResult("must be id:secret, where id is a key sid or a name of 3 to 64 letters, digits, '-' and '_', and secret has 8 to 256 characters", [nameof(BootstrapKey)]);
        }

        if (MasterKey is not null && Hosting.MasterKey.Parse(MasterKey) is null)
        {
            yield return new ValidationResult("must be 32 bytes in base64 (44 characters) or hex (64 characters)", [nameof(MasterKey)]);
        }
    }
}

public sealed class EmitOptions
{
    [Description("Most bytes of one event's payload; larger ones are refused with 413.")]
    [Range(1, 10 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 2 * 1024 * 1024;
}

/// <summary>The key that automation brings along.</summary>
public sealed record BootstrapCredentials(Domain.ApiKeyId Key, string Name, string Secret)
{
    public static bool TryParse(string text, out BootstrapCredentials? credentials)
    {
        ArgumentNullException.ThrowIfNull(text);
        credentials = text.Split(':', 2) is [var name, { Length: >= 8 and <= 256 } secret] && ApiKeyName.TryResolve(name, out var id)
            ? new BootstrapCredentials(id, name, secret)
            : null;
        return credentials is not null;
    }

    /// <summary>Leaves the secret out of logs.</summary>
    public override string ToString() => Name;
}
