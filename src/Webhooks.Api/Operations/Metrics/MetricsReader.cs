using System.Diagnostics.Metrics;
using Webhooks.Delivery.Observing;
using Webhooks.EventStore;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>Adds up what the instruments of this service tell, of the runtime's and the driver's what helps to run it.</summary>
public sealed class MetricsReader : IDisposable
{
    private const string Driver = "Npgsql";
    private static readonly string[] Runtime = ["dotnet.process.", "dotnet.gc.", "dotnet.thread_pool.", "dotnet.monitor."];

    private readonly Lock _asking = new();
    private readonly MeterListener _listener = new();
    private readonly List<Reading> _readings = [];
    private readonly IMeterFactory _meters;

    /// <param name="meters">Of this service: another one in the process has its own.</param>
    public MetricsReader(IMeterFactory meters)
    {
        _meters = meters;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Wants(instrument))
            {
                var reading = Reading.Of(instrument);
                lock (_readings)
                {
                    _readings.Add(reading);
                }

                listener.EnableMeasurementEvents(instrument, reading);
            }
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, reading) => ((Reading)reading!).Take((long)value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, reading) => ((Reading)reading!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, reading) => ((Reading)reading!).Take(value, tags));
        _listener.Start();
    }

    /// <summary>Asks the instruments that are asked, and writes all of them in the Prometheus text format.</summary>
    public void Write(TextWriter to)
    {
        Reading[] readings;
        lock (_readings)
        {
            readings = [.. _readings.OrderBy(r => PrometheusText.NameOf(r), StringComparer.Ordinal)];
        }

        // Two that ask at the same time would take away each other's answers.
        lock (_asking)
        {
            foreach (var reading in readings)
            {
                reading.Forget();
            }

            _listener.RecordObservableInstruments();
            foreach (var reading in readings)
            {
                PrometheusText.Write(to, reading, Tells(reading.Instrument));
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Of the driver only what its pool tells when it is asked: the rest would be told for every statement.</summary>
    private bool Wants(Instrument instrument) => instrument.Meter.Name switch
    {
        NodeMetrics.MeterName => ReferenceEquals(instrument.Meter.Scope, _meters),
        Driver => instrument.IsObservable && instrument.Name.StartsWith("db.client.connection.", StringComparison.Ordinal),
        "System.Runtime" => instrument.IsObservable && Array.Exists(Runtime, p => instrument.Name.StartsWith(p, StringComparison.Ordinal)),
        _ => false,
    };

    /// <summary>Pools without a name of ours, such as the one that starts the embedded server, are named by their connection string.</summary>
    private static Func<Series, bool> Tells(Instrument instrument) => instrument.Meter.Name == Driver
        ? static series => Array.Exists(series.Tags, t => t.Key == "db.client.connection.pool.name" && Equals(t.Value, PostgresOptions.Pool))
        : static _ => true;
}
