using Spectre.Console;

namespace Webhooks.Demo.Showing;

/// <summary>Where the demo speaks: with colours and motion at a terminal, in plain lines elsewhere.</summary>
internal sealed class Screen
{
    /// <summary>Wider than any line: who reads a pipe breaks lines himself.</summary>
    private const int PipeWidth = 400;

    private readonly IAnsiConsole _console = Console.IsOutputRedirected ? Plain() : AnsiConsole.Console;

    private bool IsLive => !Console.IsOutputRedirected && _console.Profile.Capabilities.Ansi && _console.Profile.Capabilities.Interactive;

    private static IAnsiConsole Plain()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = PipeWidth;
        return console;
    }

    public void Title(string text)
    {
        Line("");
        _console.MarkupLineInterpolated($"  [bold]{text}[/]");
        Line("");
    }

    /// <summary>Not wrapped: a command that is pasted must stay whole.</summary>
    public void Line(string text) => _console.Profile.Out.Writer.WriteLine(text.Length == 0 ? "" : "  " + text);

    public void Heading(string text)
    {
        Line("");
        _console.MarkupLineInterpolated($"  [bold]{text}[/]");
    }

    public void Point(string text) => _console.MarkupLineInterpolated($"  [grey]{Symbols.Point}[/] {text}");

    /// <summary>The next line of a point.</summary>
    public void More(string text) => Line("  " + text);

    public void Faint(string text) => _console.MarkupLineInterpolated($"  [grey]{text}[/]");

    /// <summary>Work that takes a moment, and in the end what came of it.</summary>
    public async Task<T> Step<T>(string doing, Func<Task<T>> work, Func<T, string> done)
    {
        var result = IsLive ? await _console.Status().Spinner(Spinner.Known.Dots).StartAsync(doing, _ => work()) : await work();
        _console.MarkupLineInterpolated($"  [green]{Symbols.Yes}[/] {done(result)}");
        return result;
    }

    public async Task Show(IAsyncEnumerable<IReadOnlyList<DeliveryRow>> looks)
    {
        if (IsLive)
        {
            await LiveTable.Show(_console, looks);
        }
        else
        {
            Line("");
            await PlainLines.Show(_console.Profile.Out.Writer, looks);
        }
    }
}
