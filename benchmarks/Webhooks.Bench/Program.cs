using System.Runtime.InteropServices;
using Webhooks.Bench;
using Webhooks.Bench.Scenarios;
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
    var aims = new Aims();
    if (!options.ScenariosOnly)
    {
        await MeasureTarget(aims, ct);
    }

    await MeasureScenarios(aims, ct);
    aims.Write(Console.Out);
}

async Task MeasureTarget(Aims aims, CancellationToken ct)
{
    await using var cluster = await BenchCluster.Start(ct);
    await using ITarget target = options.InProcess ? await NodeTarget.Start(cluster, ct) : await ServiceTarget.Start(Service(), cluster, ct);
    using var receiver = new Receiver();
    using var bare = new BareLoop();
    var run = new Run(options, cluster, target, receiver, bare);
    var output = Console.Out;
    output.WriteLine($"{target.Name}; {options.Connections} connections, {options.Duration.TotalSeconds:0} s each, {Environment.ProcessorCount} cores, payload {Payload.Length} bytes");
    if (!options.InProcess)
    {
        aims.OfIdle(await run.IdleBytes(ct));
    }

    await run.WarmUp(ct);
    Report.WriteThroughputHead(output);
    foreach (var (fanOut, batch) in new[] { (1, 1), (5, 1), (1, 100) })
    {
        var throughput = await run.Throughput(fanOut, batch, ct);
        Report.Write(output, throughput);
        aims.Of(throughput);
    }

    if (options.With is { } fields && target is ServiceTarget service)
    {
        // Off and on, one right after the other: the machine is not the same for long.
        var without = await run.Throughput(1, 1, ct);
        service.Fields = fields;
        var with = await run.Throughput(1, 1, ct);
        service.Fields = [];
        Report.Write(output, without);
        Report.Write(output, with, fields.ToJsonString());
        aims.OfCost(without, with);
    }

    Report.WriteLatencyHead(output);
    foreach (var perSecond in new[] { 100, 1000, 5000 })
    {
        var latency = await run.Latency(perSecond, ct);
        Report.Write(output, latency);
        aims.Of(latency);
    }
}

async Task MeasureScenarios(Aims aims, CancellationToken ct)
{
    if (options.Backlog > 0)
    {
        var figures = await Backlog.Run(Service(), options.Backlog, ct);
        Report.Write(Console.Out, figures);
        aims.Of(figures);
    }

    if (options.Retries > 0)
    {
        var figures = await Retries.Run(Service(), options.Retries, ct);
        Report.Write(Console.Out, figures);
        aims.Of(figures);
    }

    if (options.Webhooks > 0)
    {
        var figures = await ManyWebhooks.Run(Service(), options.Webhooks, options.Duration, ct);
        Report.Write(Console.Out, figures);
        aims.Of(figures);
    }
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
