namespace Webhooks.Demo.Showing;

/// <summary>For pipes and logs: a line whenever a delivery has moved on, and the table when all are over.</summary>
internal static class PlainLines
{
    public static readonly string[] Titles = ["Event", "Webhook", "Status", "Attempts", "Verified"];

    /// <summary>Of as many attempts as there can be, such as "✗500 ✗500 ✗500 ✗500".</summary>
    public const int AttemptsWidth = (Subscriber.MaxAttempts * 5) - 1;

    private static readonly int[] Widths = [26, 8, 10, AttemptsWidth + 1, 8];

    public static async Task Show(TextWriter output, IAsyncEnumerable<IReadOnlyList<DeliveryRow>> looks)
    {
        IReadOnlyList<DeliveryRow> last = [];
        var shown = new HashSet<string>();
        await output.WriteLineAsync(Columns(Titles));
        await foreach (var rows in looks)
        {
            foreach (var line in rows.Where(r => r.Tries.Count > 0).Select(Line).Where(shown.Add))
            {
                await output.WriteLineAsync(line);
            }

            last = rows;
        }

        await output.WriteLineAsync();
        await output.WriteLineAsync("  In the end");
        foreach (var row in last)
        {
            await output.WriteLineAsync(Line(row));
        }
    }

    private static string Line(DeliveryRow row) => Columns([row.Event, row.Webhook.Label, row.Status, string.Join(' ', row.Tries.Select(t => t.Text)), row.VerifiedWord]);

    private static string Columns(IEnumerable<string> cells) => ("  " + string.Concat(cells.Zip(Widths, (cell, width) => cell.PadRight(width)))).TrimEnd();
}
