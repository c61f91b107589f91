using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Webhooks.Domain;

namespace Webhooks.Api.Http;

/// <summary>
/// Where a page ended: the sort and the keys of its last row. Opaque to clients; a digest tells a damaged or homemade one.
/// It grants nothing: what is seen is decided by the caller and the filters, not by the token.
/// </summary>
public sealed record PageToken(string Sort, IReadOnlyList<string> Keys)
{
    private const byte Version = 1;
    private const int DigestLength = 8;
    private const int MaxLength = 8 * 1024;

    public string Write()
    {
        var content = JsonSerializer.SerializeToUtf8Bytes<string[]>([Sort, .. Keys]);
        return Base64Url.EncodeToString([Version, .. Digest(content), .. content]);
    }

    /// <summary>Null when the text is no token of this sort with so many keys.</summary>
    public static PageToken? Read(string text, string sort, int keys)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length <= 1 + DigestLength || bytes[0] != Version || !Digest(bytes[(1 + DigestLength)..]).SequenceEqual(bytes[1..(1 + DigestLength)]))
        {
            return null;
        }

        return Parse(bytes[(1 + DigestLength)..]) is [var tokenSort, .. var rest] && tokenSort == sort && rest.Length == keys && !rest.Any(k => k.Any(char.IsControl))
            ? new PageToken(tokenSort, rest)
            : null;
    }

    // Whoever knows this code can make a digest, so what is behind it is trusted in nothing.
    private static string[]? Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(content) is { } parts && !parts.Contains(null) ? parts : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Digest(ReadOnlySpan<byte> content) =>
        SHA256.HashData([.. "webhooks page token\n"u8, .. content]).AsSpan(0, DigestLength);

    /// <summary>The key at this place as the id it was written from.</summary>
    /// <exception cref="ProblemException">It is none: the token is homemade.</exception>
    public T Id<T>(int index) where T : struct, ISid<T> =>
        Sid.TryParse<T>(Keys[index], out var id) ? id : throw Problems.Refuse(400, "query.page_token", "Not a page token of this list; take next_page_token from the answer before.");

    /// <summary>In a list of one thing's numbered parts: the number of the page's last row.</summary>
    /// <exception cref="ProblemException">400: of another thing, or homemade.</exception>
    public int NumberIn<T>(T whole) where T : struct, ISid<T> =>
        int.TryParse(Keys[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Keys[1] == whole.ToString()
            ? number
            : throw new ProblemException(Problems.OfQuery([new FieldError("page_token", "query.page_token", "Not a page token of this list; take next_page_token from the answer before.")]));

    /// <summary>The keys of a row in such a list.</summary>
    public static string[] Keyed<T>(int number, T whole) where T : struct, ISid<T> => [number.ToString(CultureInfo.InvariantCulture), whole.ToString()!];

    /// <summary>The page that was asked for one row too many, and the token of the next page if that row exists.</summary>
    public static (IReadOnlyList<T> Rows, string NextPageToken) Cut<T>(IReadOnlyList<T> rows, Page page, Func<T, string[]> keys)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(keys);
        return rows.Count <= page.Size
            ? (rows, "")
            : ([.. rows.Take(page.Size)], new PageToken(page.Sort.ToString(), keys(rows[page.Size - 1])).Write());
    }
}

/// <param name="Field">As the wire spells it.</param>
public readonly record struct Sort(string Field, bool Descending)
{
    public override string ToString() => $"{Field}.{(Descending ? "desc" : "asc")}";
}

/// <summary>Which page of a list is wanted.</summary>
/// <param name="Size">1 to 1,000. Queries ask for one row more, to know whether there is a next page.</param>
/// <param name="After">Null for the first page.</param>
public sealed record Page(int Size, Sort Sort, PageToken? After);
