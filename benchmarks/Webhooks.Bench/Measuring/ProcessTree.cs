using System.Globalization;

namespace Webhooks.Bench.Measuring;

/// <summary>What processes have used so far, from /proc.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int ChildrenKernelTime = 14;

    /// <returns>Seconds of CPU of the process and its ended children.</returns>
    public static double CpuSeconds(int pid) => Stat(pid) is { } stat ? Cpu(stat) : 0;

    /// <returns>Seconds of CPU of the process and its children, those that live and those that have ended.</returns>
    public static double CpuSecondsWithChildren(int pid) =>
        CpuSeconds(pid) + Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var child) ? Stat(child) : null)
            .Where(stat => stat is not null && stat[Parent] == pid.ToString(CultureInfo.InvariantCulture))
            .Sum(stat => Cpu(stat!));

    /// <returns>Seconds of CPU that all cores together have spent on work.</returns>
    public static double MachineCpuSeconds()
    {
        // user nice system idle iowait irq softirq steal
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(long.Parse).ToArray();
        return (times.Sum() - times[3] - times[4]) / TicksPerSecond;
    }

    /// <returns>Bytes of memory that the process holds (RSS).</returns>
    public static long ResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static double Cpu(string[] stat) =>
        stat[UserTime..(ChildrenKernelTime + 1)].Sum(t => long.Parse(t, CultureInfo.InvariantCulture)) / TicksPerSecond;

    // The fields after the name, which stands in parentheses and may hold anything. Null: the process has ended.
    private static string[]? Stat(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
