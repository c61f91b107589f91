using Webhooks.EventStore;

namespace Webhooks.Delivery;

/// <summary>Gives each of many its turn: what fails for one holds up no other, and is thrown when all had theirs.</summary>
internal sealed class Apart(CancellationToken ct)
{
    private Exception? _away;
    private int _failures;

    /// <summary>The next one's turn would hardly end better.</summary>
    public bool DatabaseIsAway => _away is not null;

    /// <summary>The first one that was not the database's being away.</summary>
    public Exception? Failure { get; private set; }

    /// <returns>Whether it went well.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<bool> Try(Func<Task> turn)
    {
        try
        {
            await turn();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            if (DatabaseFailures.IsUnavailable(e))
            {
                _away ??= e;
            }
            else
            {
                Failure ??= e;
                _failures++;
            }

            return false;
        }
    }

    /// <exception cref="DatabaseUnavailableException">The database was away, and nothing else was wrong.</exception>
    /// <exception cref="InvalidOperationException">Some failed; the inner exception is the first one's.</exception>
    public void ThrowFailures()
    {
        if (Failure is { } first)
        {
            throw new InvalidOperationException(_failures == 1 ? first.Message : $"{_failures} times, at first: {first.Message}", first);
        }

        if (_away is not null)
        {
            throw new DatabaseUnavailableException(_away);
        }
    }
}
