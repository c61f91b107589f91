using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Operations.Metrics;
using Webhooks.Delivery.Observing;

namespace Webhooks.Api.Tests.Operations.Metrics;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsReader _reader;
    private readonly Meter _meter;

    public PrometheusTextTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _reader = new MetricsReader(meters);
        _meter = meters.Create(NodeMetrics.MeterName);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_counter_ends_in_total_and_has_a_line_for_each_set_of_tags()
    {
        var counter = _meter.CreateCounter<long>("webhooks.golden", "{thing}", "Things.");
        counter.Add(2);
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(4, new KeyValuePair<string, object?>("kind", "b"), new("a.b", 7));
        counter.Add(1, new KeyValuePair<string, object?>("kind", string.Concat("", "a")));
        Assert.Equal(
            """
            # HELP webhooks_golden_total Things.
            # TYPE webhooks_golden_total counter
            webhooks_golden_total 2
            webhooks_golden_total{kind="a"} 4
            webhooks_golden_total{kind="b",a_b="7"} 4

            """,
            Text());
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_up_to_infinity_a_sum_and_a_count()
    {
        var histogram = _meter.CreateHistogram("webhooks.golden", "s", "Seconds.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2.5] });
        foreach (var value in new[] { 0.25, 0.5, 1.5, 100 })
        {
            histogram.Record(value);
        }

        histogram.Record(2, new KeyValuePair<string, object?>("kind", "a"));
        Assert.Equal(
            """
            # HELP webhooks_golden_seconds Seconds.
            # TYPE webhooks_golden_seconds histogram
            webhooks_golden_seconds_bucket{le="0.5"} 2
            webhooks_golden_seconds_bucket{le="1"} 2
            webhooks_golden_seconds_bucket{le="2.5"} 3
            webhooks_golden_seconds_bucket{le="+Inf"} 4
            webhooks_golden_seconds_sum 102.25
            webhooks_golden_seconds_count 4
            webhooks_golden_seconds_bucket{kind="a",le="0.5"} 0
            webhooks_golden_seconds_bucket{kind="a",le="1"} 0
            webhooks_golden_seconds_bucket{kind="a",le="2.5"} 1
            webhooks_golden_seconds_bucket{kind="a",le="+Inf"} 1
            webhooks_golden_seconds_sum{kind="a"} 2
            webhooks_golden_seconds_count{kind="a"} 1

            """,
            Text());
    }

    [Fact]
    public void What_is_observed_is_asked_anew_and_gone_when_it_is_not_told_again()
    {
        var states = new List<string> { "due", "parked" };
        _meter.CreateObservableGauge("webhooks.golden", () => states.Select(s => new Measurement<long>(s.Length, new KeyValuePair<string, object?>("state", s))));
        Assert.Equal("# TYPE webhooks_golden gauge\nwebhooks_golden{state=\"due\"} 3\nwebhooks_golden{state=\"parked\"} 6\n", Text());
        states.Remove("due");
        Assert.Equal("# TYPE webhooks_golden gauge\nwebhooks_golden{state=\"parked\"} 6\n", Text());
    }

    [Fact]
    public void Help_and_labels_are_escaped_and_values_that_are_no_numbers_are_written_as_the_format_has_them()
    {
        _meter.CreateObservableGauge(
            "webhooks.golden", () => new[] { double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1e-7 }.Select((v, i) => new Measurement<double>(v, new KeyValuePair<string, object?>("a-b", $"{i}\"\\\n"))),
            "1", "A back\\slash\nand a line.");
        Assert.Equal(
            """
            # HELP webhooks_golden_ratio A back\\slash\nand a line.
            # TYPE webhooks_golden_ratio gauge
            webhooks_golden_ratio{a_b="0\"\\\n"} +Inf
            webhooks_golden_ratio{a_b="1\"\\\n"} -Inf
            webhooks_golden_ratio{a_b="2\"\\\n"} NaN
            webhooks_golden_ratio{a_b="3\"\\\n"} 1E-07

            """,
            Text());
    }

    [Theory]
    [InlineData("a.b", "s", ReadingKind.Gauge, "a_b_seconds")]
    [InlineData("a.b", "By", ReadingKind.Counter, "a_b_bytes_total")]
    [InlineData("a.seconds", "s", ReadingKind.Histogram, "a_seconds")]
    [InlineData("a-b/c", "{x}", ReadingKind.Gauge, "a_b_c")]
    [InlineData("a", "1", ReadingKind.Gauge, "a_ratio")]
    [InlineData("a.total", null, ReadingKind.Counter, "a_total")]
    public void Names_carry_their_unit(string instrument, string? unit, ReadingKind kind, string name) => Assert.Equal(name, PrometheusText.NameOf(instrument, unit, kind));

    [Fact]
    public void Numbers_recorded_by_many_threads_are_all_there()
    {
        var histogram = _meter.CreateHistogram<double>("webhooks.golden");
        var counter = _meter.CreateCounter<double>("webhooks.golden2");
        Parallel.For(0, 10_000, i =>
        {
            histogram.Record(0.5);
            counter.Add(0.25, new KeyValuePair<string, object?>("kind", i % 2 == 0 ? "even" : "odd"));
        });
        var read = Exposition.Parse(Text());
        Assert.Equal(10_000, read["webhooks_golden_count"]);
        Assert.Equal(5_000, read["webhooks_golden_sum"]);
        Assert.Equal(1_250, read["webhooks_golden2_total{kind=\"odd\"}"]);
    }

    [Fact]
    public void Instruments_of_another_service_in_the_process_are_not_heard()
    {
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        others.GetRequiredService<IMeterFactory>().Create(NodeMetrics.MeterName).CreateCounter<long>("webhooks.golden").Add(1);
        Assert.Equal("", Text());
    }

    /// <summary>Without what the runtime and the driver tell.</summary>
    private string Text()
    {
        using var text = new StringWriter();
        _reader.Write(text);
        return string.Concat(text.ToString().Split('\n').Where(l => l.Contains("webhooks_", StringComparison.Ordinal)).Select(l => l + "\n"));
    }
}
