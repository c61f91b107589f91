using Webhooks.Bench.Scenarios;

namespace Webhooks.Bench;

/// <summary>What was aimed at, each beside its figure, met or not; printed together at the end.</summary>
internal sealed class Aims
{
    private const double LeastShareOfBare = 0.25;
    private const double LeastDrained = 15_000;
    private const double MostWal = 2 * 1024;
    private const double MostCost = 0.15;
    private const double LeastAmongMany = 0.9;
    private const long MostIdle = 120L * 1024 * 1024;
    private const long MostWaiting = 300L * 1024 * 1024;
    private const int Million = 1_000_000;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    private readonly List<string> _lines = [];

    public void OfIdle(long bytes) => Below("idle RSS of the service, MB", Megabytes(bytes), Megabytes(MostIdle));

    public void Of(Throughput t)
    {
        if (t.Batch > 1)
        {
            return;
        }

        AtLeast($"delivered/s against the bare loop, fan-out {t.FanOut}", t.Delivered / t.Bare, LeastShareOfBare, "0.00");
        AtLeast($"delivered/s, fan-out {t.FanOut}", t.Delivered, t.FanOut == 1 ? 10_000 : 18_000);
        Below($"WAL per delivery, fan-out {t.FanOut}, bytes", t.WalPerDelivery, MostWal);
    }

    public void Of(Latency l)
    {
        if (l.PerSecond is 100 or 5000)
        {
            var (median, p99) = l.PerSecond == 100 ? (3, 15) : (6, 40);
            Below($"p50 at {l.PerSecond:N0}/s, ms", l.Median.TotalMilliseconds, median, "0.0");
            Below($"p99 at {l.PerSecond:N0}/s, ms", l.P99.TotalMilliseconds, p99, "0.0");
        }
    }

    public void OfCost(Throughput without, Throughput with) =>
        Below("cost of the fields of --with, share of delivered/s", 1 - (with.Delivered / without.Delivered), MostCost, "0.00");

    public void Of(BacklogFigures f) => AtLeast($"backlog of {f.Deliveries:N0} drained, /s", f.Rate, LeastDrained);

    public void Of(RetryFigures f)
    {
        AtLeast($"{f.Count:N0} retries leave, /s", f.Rate, LeastDrained);
        Below("tenths of a second without a retry, share", f.Gaps, 0, "0.00");
        if (f.Count >= Million)
        {
            Below($"RSS with {f.Count:N0} deliveries waiting, MB", Megabytes(f.WaitingBytes), Megabytes(MostWaiting));
        }
    }

    public void Of(ManyFigures f)
    {
        Below($"start-up with {f.Webhooks:N0} webhooks, s", f.ToReady.TotalSeconds, LongestStart.TotalSeconds, "0.0");
        AtLeast($"accepted/s among {f.Webhooks:N0} webhooks, share of alone", f.Among.Accepted / f.Alone.Accepted, LeastAmongMany, "0.00");
    }

    public void Write(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine("Aims");
        _lines.ForEach(to.WriteLine);
    }

    private void AtLeast(string what, double figure, double aim, string form = "N0") => Add(what, figure, $"at least {aim.ToString(form)}", figure >= aim, form);

    private void Below(string what, double figure, double aim, string form = "N0") => Add(what, figure, $"at most {aim.ToString(form)}", figure <= aim, form);

    private void Add(string what, double figure, string aim, bool met, string form) => _lines.Add($"  {(met ? "met   " : "MISSED")}  {what,-56}{figure.ToString(form),12}   ({aim})");

    private static double Megabytes(long bytes) => bytes / (1024.0 * 1024);
}
