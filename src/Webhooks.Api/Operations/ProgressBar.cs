using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Operations;

/// <summary>A rebuild's progress as text: one line that is drawn over on a terminal, a line per tenth of the way elsewhere.</summary>
internal sealed class ProgressBar(TextWriter output, bool isTerminal) : IProgress<RebuildProgress>
{
    private const int Width = 30;
    private string? _part;
    private int _shown = -1;

    public void Report(RebuildProgress value)
    {
        var percent = value.FactsTotal == 0 ? 100 : (int)(100 * value.FactsRead / value.FactsTotal);
        var step = isTerminal ? percent : percent / 10 * 10;
        if (value.Part == _part && step == _shown)
        {
            return;
        }

        if (isTerminal && _part is not null && value.Part != _part)
        {
            output.WriteLine();
        }

        (_part, _shown) = (value.Part, step);
        var line = $"{RebuildCommand.Title(value.Part),-38} [{new string('#', percent * Width / 100),-Width}] {percent,3} % {value.FactsRead,12:N0} of {value.FactsTotal:N0} facts, {value.FactsPerSecond:N0}/s";
        if (isTerminal)
        {
            output.Write($"\r{line}{(value.Part == RebuildParts.Schedule && percent == 100 ? Environment.NewLine : "")}");
        }
        else
        {
            output.WriteLine(line);
        }
    }
}
