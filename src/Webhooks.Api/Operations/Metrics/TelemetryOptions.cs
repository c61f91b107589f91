using System.ComponentModel;
using Webhooks.Api.Hosting;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>Who may read /metrics.</summary>
public enum MetricsAccess
{
    /// <summary>Whoever reaches the port, as with /healthz: totals of the installation, no company's and no webhook's.</summary>
    Open,

    /// <summary>Who holds an admin key.</summary>
    Admin,

    /// <summary>Nobody: there is no such path, and nothing is counted for it.</summary>
    Off,
}

/// <summary>Where the service's numbers and traces go. Section <c>Webhooks:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Description("Who may read `/metrics`: `open` (whoever reaches the port), `admin` (an admin key), `off` (nobody).")]
    public MetricsAccess Metrics { get; set; } = MetricsAccess.Open;

    [Description("Collector that metrics and traces are pushed to by OTLP, such as `http://collector:4318`. Without it the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT` counts; without both nothing is pushed.")]
    public string? OtlpEndpoint { get; set; }

    /// <summary>Null: nothing is pushed.</summary>
    /// <exception cref="StartupException">It is no URL of HTTP.</exception>
    public Uri? Collector(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return (OtlpEndpoint ?? configuration[EndpointVariable]) is not { Length: > 0 } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new StartupException($"Webhooks:Telemetry:{nameof(OtlpEndpoint)}, or {EndpointVariable}, must be a URL such as http://collector:4318.");
    }
}
