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

    /// <summary>Without a frame: so it fits into 80 columns.</summary>
    private static Padder Draw(IReadOnlyList<DeliveryRow> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var title in PlainLines.Titles)
        {
            table.AddColumn(new TableColumn(new Markup($"[grey]{title}[/]")).NoWrap().Padding(0, 0, title == PlainLines.Titles[^1] ? 0 : 2, 0));
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

        return new Padder(table).Padding(2, 1, 0, 0);
    }

    /// <summary>As wide from the start as it can become, so that the table stands still.</summary>
    private static Paragraph Attempts(DeliveryRow row)
    {
        var line = new Paragraph();
        var width = 0;
        foreach (var attempt in row.Tries)
        {
            var text = width == 0 ? attempt.Text : " " + attempt.Text;
            line.Append(text, attempt.Succeeded ? Color.Green : Color.Red);
            width += text.Length;
        }

        return line.Append(new string(' ', Math.Max(0, PlainLines.AttemptsWidth - width)));
    }

    private static Style StyleOf(string status) => status switch
    {
        "succeeded" => Color.Green,
        "exhausted" => Color.Red,
        _ => Color.Yellow,
    };
}
