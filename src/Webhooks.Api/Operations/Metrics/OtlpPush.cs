using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Webhooks.Delivery.Observing;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>
/// Pushes metrics and traces to a collector by OTLP. The standard OTEL_ variables are obeyed (protocol, headers, intervals,
/// sampler, resource). Made only where a collector is named: without one the library is not even loaded.
/// </summary>
public sealed class OtlpPush(Uri collector, IConfiguration configuration, ILogger<OtlpPush> log) : IHostedService
{
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private static readonly TimeSpan LastPush = TimeSpan.FromSeconds(5);

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("webhooks", serviceInstanceId: Environment.MachineName).AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(NodeMetrics.MeterName, "System.Runtime")
            .AddOtlpExporter(o => Address(o, "metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Traces.SourceName, "Microsoft.AspNetCore")
            .AddOtlpExporter(o => Address(o, "traces"))
            .Build();
        log.LogInformation("Metrics and traces are pushed by OTLP");
        return Task.CompletedTask;
    }

    /// <summary>What is left is pushed, for a few seconds at most; the library's call blocks, so it has a thread of its own.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _traces?.Shutdown((int)LastPush.TotalMilliseconds);
            _metrics?.Shutdown((int)LastPush.TotalMilliseconds);
            _traces?.Dispose();
            _metrics?.Dispose();
        },
        CancellationToken.None);

    /// <summary>Set in code, the whole path is the caller's; HTTP is the standard's default, gRPC the library's.</summary>
    private void Address(OtlpExporterOptions exporter, string signal)
    {
        exporter.Protocol = configuration[ProtocolVariable] == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.Grpc ? collector : new Uri($"{collector.ToString().TrimEnd('/')}/v1/{signal}");
    }
}
