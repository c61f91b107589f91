namespace Webhooks.Api.Http;

/// <summary>Finds the word that was probably meant.</summary>
public static class DidYouMean
{
    /// <summary><c>" Did you mean 'url'?"</c>, or nothing.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(word);

        // A third of the word may differ; long words come from nobody's typing error.
        var best = word.Length > 64 ? null : known
            .Select(k => (Word: k, Distance: Distance(word, k)))
            .Where(k => k.Distance <= Math.Max(1, k.Word.Length / 3))
            .OrderBy(k => k.Distance)
            .Select(k => k.Word)
            .FirstOrDefault();
        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Levenshtein's, case aside.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
