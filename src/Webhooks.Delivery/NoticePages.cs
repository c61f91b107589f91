namespace Webhooks.Delivery;

/// <summary>Tells what waits to be told, a page at a time. One page full of those that can't be told holds up no other.</summary>
/// <param name="place">Of a notice in the order in which they are read.</param>
/// <param name="tell">False: nothing can be told at the moment, so the rest waits too.</param>
/// <param name="done">Takes it away once it was told; returns how many there were.</param>
internal sealed class NoticePages<TNotice>(Func<TNotice, (Guid, int)> place, Func<TNotice, CancellationToken, Task<bool>> tell, Func<TNotice, CancellationToken, Task<int>> done)
{
    public const int Size = 100;

    private (Guid, int) _after;

    /// <param name="read">The page that begins after a place.</param>
    /// <returns>How many were told, or had nobody to be told to.</returns>
    public async Task<int> Next(Func<(Guid, int), CancellationToken, Task<List<TNotice>>> read, CancellationToken ct)
    {
        var (told, apart, page) = (0, new Apart(ct), await read(_after, ct));
        foreach (var notice in page)
        {
            var goOn = true;
            await apart.Try(async () => told += (goOn = await tell(notice, ct)) ? await done(notice, ct) : 0);
            if (!goOn || apart.DatabaseIsAway)
            {
                apart.ThrowFailures();
                return told;
            }

            _after = place(notice);
        }

        _after = page.Count < Size ? default : _after;
        apart.ThrowFailures();
        return told;
    }
}
