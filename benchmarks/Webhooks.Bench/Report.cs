using Webhooks.Bench.Measuring;
using Webhooks.Bench.Scenarios;

namespace Webhooks.Bench;

/// <summary>The figures, as they are measured.</summary>
internal static class Report
{
    public static void WriteThroughputHead(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine("Throughput             accepted/s  delivered/s  bare loop/s  ratio  backlog  WAL/delivery  RSS under load   CPU: target  postgres  bench  others");
    }

    public static void Write(TextWriter to, Throughput t, string? with = null)
    {
        var name = $"fan-out {t.FanOut}{(t.Batch > 1 ? $", batches of {t.Batch}" : "")}";
        to.WriteLine($"  {name,-21}{t.Accepted,10:N0}  {t.Delivered,11:N0}  {t.Bare,11:N0}  {t.Delivered / t.Bare,5:0.00}  {t.Backlog,7:N0}  {t.WalPerDelivery,10:N0} B  {Megabytes(t.ResidentBytes),11} MB   {Shares(t.Cpu, 11)}");
        if (with is not null)
        {
            to.WriteLine($"    with {with}");
        }

        WriteFlaws(to, t.Flaws);
    }

    public static void WriteLatencyHead(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine("Latency, emit to receive        p50        p99        max   CPU: target  postgres  bench  others");
    }

    public static void Write(TextWriter to, Latency l)
    {
        to.WriteLine($"  {l.PerSecond,6:N0}/s               {Milliseconds(l.Median)}  {Milliseconds(l.P99)}  {Milliseconds(l.Worst)}   {Shares(l.Cpu, 11)}");
        WriteFlaws(to, l.Flaws);
    }

    public static void Write(TextWriter to, BacklogFigures f)
    {
        to.WriteLine();
        to.WriteLine($"Backlog: {f.Deliveries:N0} deliveries wait in the database when the worker starts");
        to.WriteLine($"  drained at {f.Rate:N0}/s; the first arrived {Seconds(f.ToFirst)} after the start of its process; WAL per delivery {f.WalPerDelivery:N0} B");
        WriteFlaws(to, f.Flaws);
    }

    public static void Write(TextWriter to, RetryFigures f)
    {
        to.WriteLine();
        to.WriteLine($"Retries: {f.Count:N0} fall due within {Seconds(f.Over)}, evenly ({f.Count / f.Over.TotalSeconds:N0}/s)");
        to.WriteLine($"  left at {f.Rate:N0}/s; late p50 {Milliseconds(f.Lateness.Median).Trim()}, p99 {Milliseconds(f.Lateness.P99).Trim()}, max {Milliseconds(f.Lateness.Worst).Trim()}");
        if (f.PerSecond.Count > 0)
        {
            to.WriteLine($"  in whole seconds {f.PerSecond.Min():N0} to {f.PerSecond.Max():N0}; tenths of a second without any: {Percent(f.Gaps)}");
            to.WriteLine($"  second by second: {string.Join(" ", f.PerSecond)}");
        }

        to.WriteLine($"  RSS of the service {Megabytes(f.WaitingBytes)} MB with all of them waiting, at most {Megabytes(f.MostBytes)} MB while they leave");
        WriteFlaws(to, f.Flaws);
    }

    public static void Write(TextWriter to, ManyFigures f)
    {
        to.WriteLine();
        to.WriteLine($"Webhooks: {f.Webhooks:N0} in one company, of which an event matches one");
        to.WriteLine($"  ready {Seconds(f.ToReady)} after the start; the first event, which loads them, took {Seconds(f.FirstEmit)}; RSS {Megabytes(f.ResidentBytes)} MB");
        to.WriteLine($"  alone  p50 {Milliseconds(f.Alone.Median).Trim()}, p99 {Milliseconds(f.Alone.P99).Trim()} at 1,000/s; accepted {f.Alone.Accepted:N0}/s");
        to.WriteLine($"  among  p50 {Milliseconds(f.Among.Median).Trim()}, p99 {Milliseconds(f.Among.P99).Trim()} at 1,000/s; accepted {f.Among.Accepted:N0}/s");
        WriteFlaws(to, f.Flaws);
    }

    private static void WriteFlaws(TextWriter to, IReadOnlyList<string> flaws)
    {
        foreach (var flaw in flaws)
        {
            to.WriteLine($"    ! {flaw}");
        }
    }

    private static string Shares(CpuShares cpu, int first) => $"{Percent(cpu.Target).PadLeft(first)}  {Percent(cpu.Postgres),8}  {Percent(cpu.Bench),5}  {Percent(cpu.Others),6}";

    public static string Percent(double share) => $"{share * 100:0} %";

    public static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.0} s";

    public static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds,6:0.0} ms";

    public static string Megabytes(long bytes) => $"{bytes / (1024.0 * 1024):0}";
}
