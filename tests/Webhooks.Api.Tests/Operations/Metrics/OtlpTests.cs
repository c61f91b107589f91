using System.Text;
using Microsoft.Extensions.Configuration;
using Webhooks.Api.Hosting;
using Webhooks.Api.Operations.Metrics;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Operations.Metrics;

/// <summary>Traces are heard from the whole process, and what comes faster than it can be pushed is dropped: so nothing else runs meanwhile.</summary>
[Collection<AloneInTheProcess>]
public sealed class OtlpTests : IAsyncLifetime
{
    private Receiver _collector = null!;

    public async ValueTask InitializeAsync() => _collector = await Receiver.Start();

    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    [Theory]
    [InlineData("Webhooks:Telemetry:OtlpEndpoint")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    public async Task Numbers_and_traces_reach_the_collector_at_the_latest_when_the_service_stops(string setting)
    {
        await using var platform = new Platform();
        platform.Service.Settings[setting] = _collector.Url("/");
        await platform.InitializeAsync();
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        var delivery = await tenant.Delivery(await tenant.Accepted("fine", "{}"), "succeeded");
        await platform.Service.Stop();

        Contains("/v1/metrics", "webhooks.events.accepted", "webhooks.attempt.duration", "service.name");
        Contains("/v1/traces", "webhooks.accept", "webhooks.append", "webhooks.attempt", (string)delivery["sid"]!);
    }

    [Fact]
    public async Task A_collector_that_is_away_hinders_nothing()
    {
        await using var platform = new Platform();
        platform.Service.Settings["Webhooks:Telemetry:OtlpEndpoint"] = $"http://127.0.0.1:{FreePort.Find()}";
        await platform.InitializeAsync();
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        await tenant.Delivery(await tenant.Accepted("fine", "{}"), "succeeded");
    }

    [Theory]
    [InlineData("collector:4318")]
    [InlineData("ftp://collector")]
    public void A_collector_that_is_no_url_is_said_in_one_sentence(string endpoint) => Assert.Equal(
        "Webhooks:Telemetry:OtlpEndpoint, or OTEL_EXPORTER_OTLP_ENDPOINT, must be a URL such as http://collector:4318.",
        Assert.Throws<StartupException>(() => new TelemetryOptions { OtlpEndpoint = endpoint }.Collector(new ConfigurationBuilder().Build())).Message);

    private void Contains(string path, params string[] words)
    {
        var received = _collector.At(path);
        Assert.All(received, r => Assert.Equal("application/x-protobuf", r.Headers["Content-Type"]));
        var all = string.Concat(received.Select(r => Encoding.Latin1.GetString(r.Body)));
        Assert.All(words, w => Assert.Contains(w, all, StringComparison.Ordinal));
    }
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class AloneInTheProcess;
