using Webhooks.Bench.Measuring;

namespace Webhooks.Bench;

/// <summary>The figures as a table, each beside its aim, met or not.</summary>
internal static class Report
{
    private const double LeastShareOfBare = 0.20;
    private const double LeastDelivered = 8_000;
    private const double MostWal = 2.5 * 1024;
    private const long MostIdleBytes = 120 * 1024 * 1024;
    private static readonly TimeSpan LongestP99 = TimeSpan.FromMilliseconds(15);

    public static void WriteThroughputHead(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine("Throughput             accepted/s  delivered/s  bare loop/s  ratio  backlog  WAL/delivery  RSS under load   CPU: target  postgres  bench  others");
    }

    public static void Write(TextWriter to, Throughput t)
    {
        var name = $"fan-out {t.FanOut}{(t.Batch > 1 ? $", batches of {t.Batch}" : "")}";
        to.WriteLine($"  {name,-21}{t.Accepted,10:N0}  {t.Delivered,11:N0}  {t.Bare,11:N0}  {t.Delivered / t.Bare,5:0.00}  {t.Backlog,7:N0}  {t.WalPerDelivery,10:N0} B  {Megabytes(t.ResidentBytes),11} MB   {Shares(t.Cpu, 11)}");
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

    public static void WriteAims(TextWriter to, IReadOnlyList<Throughput> throughputs, IReadOnlyList<Latency> latencies, long? idleBytes)
    {
        to.WriteLine();
        to.WriteLine("Aims");
        foreach (var t in throughputs.Where(t => t.Batch == 1))
        {
            Aim(to, $"delivered/s against the bare loop, fan-out {t.FanOut}", $"{t.Delivered / t.Bare:0.00}", $"at least {LeastShareOfBare:0.00}", t.Delivered / t.Bare >= LeastShareOfBare);
            Aim(to, $"delivered/s, fan-out {t.FanOut}", $"{t.Delivered:N0}", $"at least {LeastDelivered:N0}", t.Delivered >= LeastDelivered);
            Aim(to, $"WAL per delivery, fan-out {t.FanOut}", $"{t.WalPerDelivery / 1024:0.00} KB", $"at most {MostWal / 1024:0.0} KB", t.WalPerDelivery <= MostWal);
        }

        foreach (var l in latencies.Where(l => l.PerSecond == 100))
        {
            Aim(to, "p99 at 100/s", Milliseconds(l.P99).Trim(), $"under {LongestP99.TotalMilliseconds:0} ms", l.P99 < LongestP99);
        }

        if (idleBytes is { } idle)
        {
            Aim(to, "idle RSS of the service", $"{Megabytes(idle)} MB", $"under {Megabytes(MostIdleBytes)} MB", idle < MostIdleBytes);
        }
    }

    private static void Aim(TextWriter to, string what, string is_, string aim, bool met) =>
        to.WriteLine($"  {(met ? "met   " : "MISSED")}  {what,-48}{is_,12}   ({aim})");

    private static void WriteFlaws(TextWriter to, IReadOnlyList<string> flaws)
    {
        foreach (var flaw in flaws)
        {
            to.WriteLine($"    ! {flaw}");
        }
    }

    private static string Shares(CpuShares cpu, int first) => $"{Percent(cpu.Target).PadLeft(first)}  {Percent(cpu.Postgres),8}  {Percent(cpu.Bench),5}  {Percent(cpu.Others),6}";

    private static string Percent(double share) => $"{share * 100:0} %";

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds,6:0.0} ms";

    private static string Megabytes(long bytes) => $"{bytes / (1024.0 * 1024):0}";
}
