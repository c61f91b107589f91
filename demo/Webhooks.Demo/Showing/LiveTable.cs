using Spectre.Console;

namespace Webhooks.Demo.Showing;

/// <summary>For people at a terminal: one table that changes in place.</summary>
internal static class LiveTable
{
    public static async Task Show(IAnsiConsole console, IAsyncEnumerable<IReadOnlyList<DeliveryRow>> looks) =>
        await console.Live(Text.Empty).StartAsync(async live =>
        {
            await foreach (var rows in looks)
            {
                live.UpdateTarget(Draw(rows));
            }
        });

    private static Table Draw(IReadOnlyList<DeliveryRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        foreach (var title in PlainLines.Titles)
        {
            table.AddColumn(new TableColumn(new Markup($"[grey]{title}[/]")).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow(
                new Text(row.Event),
                new Text(row.Webhook.Label),
                new Text(row.Status, StyleOf(row.Status)),
                Attempts(row),
                new Text(row.VerifiedWord, row.Verified == false ? Color.Red : Color.Green));
        }

        return table;
    }

    /// <summary>As wide from the start as it can become, so that the table stands still.</summary>
    private static Paragraph Attempts(DeliveryRow row)
    {
        var line = new Paragraph();
        foreach (var attempt in row.Tries)
        {
            line.Append(attempt.Text + " ", attempt.Succeeded ? Color.Green : Color.Red);
        }

        var length = row.Tries.Sum(t => t.Text.Length + 1);
        return line.Append(new string(' ', Math.Max(0, PlainLines.AttemptsWidth - length)));
    }

    private static Style StyleOf(string status) => status switch
    {
        "succeeded" => Color.Green,
        "exhausted" => Color.Red,
        _ => Color.Yellow,
    };
}
