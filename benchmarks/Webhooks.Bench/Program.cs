using System.Runtime.InteropServices;
using Webhooks.Bench;
using Webhooks.Bench.Targets;
using Webhooks.Bench.Traffic;

if (BenchOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 1;
}

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await Measure(stopping.Token);
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}

async Task Measure(CancellationToken ct)
{
    await using var cluster = await BenchCluster.Start(ct);
    await using ITarget target = options.InProcess ? await NodeTarget.Start(cluster, ct) : await ServiceTarget.Start(Service(), cluster, ct);
    using var receiver = new Receiver();
    using var bare = new BareLoop();
    var run = new Run(options, cluster, target, receiver, bare);
    var output = Console.Out;
    output.WriteLine($"{target.Name}; {options.Connections} connections, {options.Duration.TotalSeconds:0} s each, {Environment.ProcessorCount} cores, payload {Payload.Length} bytes");
    long? idle = options.InProcess ? null : await run.IdleBytes(ct);
    await run.WarmUp(ct);

    Report.WriteThroughputHead(output);
    var throughputs = new List<Throughput>();
    foreach (var (fanOut, batch) in new[] { (1, 1), (5, 1), (1, 100) })
    {
        throughputs.Add(await run.Throughput(fanOut, batch, ct));
        Report.Write(output, throughputs[^1]);
    }

    Report.WriteLatencyHead(output);
    var latencies = new List<Latency>();
    foreach (var perSecond in new[] { 100, 1000 })
    {
        latencies.Add(await run.Latency(perSecond, ct));
        Report.Write(output, latencies[^1]);
    }

    Report.WriteAims(output, throughputs, latencies, idle);
}

static string Service() => Environment.GetEnvironmentVariable("WEBHOOKS_BENCH_SERVICE") is { } program && File.Exists(program)
    ? program
    : throw new InvalidOperationException("WEBHOOKS_BENCH_SERVICE must name the service's program, as ./bench does.");

// Everything is ended in order, by those who started it.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
