using Microsoft.Extensions.Configuration;
using Webhooks.Api.Hosting;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Api.Tests.Hosting;

public sealed class SettingsReaderTests
{
    [Fact]
    public void Without_settings_the_defaults_hold()
    {
        var options = Read();
        Assert.Equal(("./data", Role.All, 2 * 1024 * 1024), (options.DataDirectory, options.Role, options.Emit.MaxPayloadBytes));
        Assert.Equal((10, 15_000, 10), (options.Delivery.MaxAttempts, options.Delivery.TimeoutMs, options.Delivery.DrainSeconds));
        Assert.Empty(options.Egress.AllowNetworks);
    }

    [Fact]
    public void Settings_are_read_by_their_names_whatever_the_case()
    {
        var options = Read(("Webhooks:role", "WORKER"), ("Webhooks:Delivery:RetryFactor", "1.5"), ("Webhooks:Egress:HttpsOnly", "true"), ("Webhooks:Emit:MaxPayloadBytes", ""));
        Assert.Equal((Role.Worker, 1.5, true, 2 * 1024 * 1024), (options.Role, options.Delivery.RetryFactor, options.Egress.HttpsOnly, options.Emit.MaxPayloadBytes));
    }

    [Fact]
    public void The_installations_retry_policy_is_a_preset_or_made_of_its_parts()
    {
        Assert.Equal(new ExponentialRetry(10_000, 2, 43_200_000, 0.2), Read(("Webhooks:Delivery:RetryFactor", "2")).Delivery.ForNode(delivers: true).DefaultRetryPolicy);
        Assert.Equal(new PresetRetry(RetryPreset.GetStream), Read(("Webhooks:Delivery:RetryPreset", "getstream")).Delivery.ForNode(delivers: true).DefaultRetryPolicy);
    }

    [Fact]
    public void A_list_is_one_value_with_commas_or_one_value_per_index()
    {
        Assert.Equal(["127.0.0.0/8", "10.0.0.0/8"], Read(("Webhooks:Egress:AllowNetworks", "127.0.0.0/8, 10.0.0.0/8")).Egress.AllowNetworks);
        Assert.Equal(["127.0.0.0/8", "::1/128"], Read(("Webhooks:Egress:AllowNetworks:0", "127.0.0.0/8"), ("Webhooks:Egress:AllowNetworks:1", "::1/128")).Egress.AllowNetworks);
    }

    [Theory]
    [InlineData("Webhooks:Role", "both", "Webhooks:Role must be one of all, api, worker.")]
    [InlineData("Webhooks:Role", "1", "Webhooks:Role must be one of all, api, worker.")]
    [InlineData("Webhooks:Delivery:MaxAttempts", "many", "Webhooks:Delivery:MaxAttempts must be a whole number.")]
    [InlineData("Webhooks:Delivery:MaxAttempts", "0", "Webhooks:Delivery:MaxAttempts must be 1 to 50; it is 0.")]
    [InlineData("Webhooks:Delivery:RetryCapMs", "5", "Webhooks:Delivery:RetryCapMs must be at least RetryBaseMs.")]
    [InlineData("Webhooks:Delivery:RetryPreset", "stripe", "Webhooks:Delivery:RetryPreset must be one of standard, streem, getstream, aiozstream.")]
    [InlineData("Webhooks:Health:PausedAfterFailures", "4", "Webhooks:Health:PausedAfterFailures must be at least DegradedAfterFailures.")]
    [InlineData("Webhooks:Health:MaxProbeSeconds", "29", "Webhooks:Health:MaxProbeSeconds must be at least ProbeSeconds.")]
    [InlineData("Webhooks:Health:DrainMaxChunk", "9", "Webhooks:Health:DrainMaxChunk must be at least DrainFirstChunk.")]
    [InlineData("Webhooks:Egress:HttpsOnly", "perhaps", "Webhooks:Egress:HttpsOnly must be true or false.")]
    [InlineData("Webhooks:DataDir", "x", "There is no setting Webhooks:DataDir.")]
    [InlineData("Webhooks:DataDirectoy", "x", "There is no setting Webhooks:DataDirectoy. Did you mean 'DataDirectory'?")]
    [InlineData("Webhooks:Emit:Max", "1", "There is no setting Webhooks:Emit:Max.")]
    public void A_fault_is_one_sentence_that_names_the_setting(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<StartupException>(() => Read((name, value))).Message);

    [Theory]
    [InlineData("Webhooks:BootstrapKey", "no-colon")]
    [InlineData("Webhooks:BootstrapKey", "a b:long-enough")]
    [InlineData("Webhooks:BootstrapKey", "admin:short")]
    [InlineData("Webhooks:MasterKey", "c2hvcnQ=")]
    [InlineData("Webhooks:Egress:AllowNetworks", "127.0.0.1/99")]
    public void A_value_of_the_wrong_form_is_refused_without_being_repeated(string name, string value)
    {
        var message = Assert.Throws<StartupException>(() => Read((name, value))).Message;
        Assert.StartsWith(name, message, StringComparison.Ordinal);
        Assert.True(name.EndsWith("Networks", StringComparison.Ordinal) || !message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var message = Assert.Throws<StartupException>(() => Read(("Webhooks:Role", "x"), ("Webhooks:Delivery:MaxInFlight", "0"), ("Webhooks:Nope", "x"))).Message;
        Assert.Equal(3, message.Split(Environment.NewLine).Length);
    }

    private static WebhooksOptions Read(params (string Name, string Value)[] settings) => SettingsReader.Read<WebhooksOptions>(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, string? (s) => s.Value)).Build(),
        WebhooksOptions.Section);
}
