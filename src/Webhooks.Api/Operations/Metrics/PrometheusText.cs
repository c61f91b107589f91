using System.Globalization;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>The Prometheus text format 0.0.4, with names and units as OpenTelemetry turns them into Prometheus's.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Write(TextWriter to, Reading reading, Func<Series, bool> tells)
    {
        var name = NameOf(reading);
        if (reading.Instrument.Description is { Length: > 0 } description)
        {
            to.Write($"# HELP {name} {description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n");
        }

        to.Write($"# TYPE {name} {Word(reading.Kind)}\n");
        foreach (var series in reading.Series.Where(tells))
        {
            var labels = string.Join(',', series.Tags.Select(t => $"{LabelName(t.Key)}=\"{Escaped(t.Value)}\""));
            if (reading.Kind == ReadingKind.Histogram)
            {
                WriteHistogram(to, name, labels, reading.Bounds, series);
            }
            else
            {
                WriteLine(to, name, labels, series.Value);
            }
        }
    }

    public static string NameOf(Reading reading) => NameOf(reading.Instrument.Name, reading.Instrument.Unit, reading.Kind);

    /// <summary>webhooks.attempt.duration in s becomes webhooks_attempt_duration_seconds; counters end in _total.</summary>
    public static string NameOf(string instrument, string? unit, ReadingKind kind)
    {
        var name = string.Concat(instrument.Select(c => char.IsAsciiLetterOrDigit(c) || c is ':' ? c : '_'));
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when kind == ReadingKind.Gauge => "_ratio",
            _ => "",
        };
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        return kind == ReadingKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static void WriteHistogram(TextWriter to, string name, string labels, double[] bounds, Series series)
    {
        // The sum is read first: what is recorded in between is at most missing from it.
        var (sum, buckets, count, comma) = (series.Value, series.Buckets, 0L, labels.Length == 0 ? "" : ",");
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            WriteLine(to, $"{name}_bucket", $"{labels}{comma}le=\"{Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity)}\"", count);
        }

        WriteLine(to, $"{name}_sum", labels, sum);
        WriteLine(to, $"{name}_count", labels, count);
    }

    private static void WriteLine(TextWriter to, string name, string labels, double value) =>
        to.Write(labels.Length == 0 ? $"{name} {Number(value)}\n" : $"{name}{{{labels}}} {Number(value)}\n");

    private static string Word(ReadingKind kind) => kind switch
    {
        ReadingKind.Counter => "counter",
        ReadingKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string LabelName(string key) =>
        string.Concat(key.Select((c, i) => char.IsAsciiLetter(c) || c == '_' || (i > 0 && char.IsAsciiDigit(c)) ? c : '_'));

    private static string Escaped(object? value) => (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
