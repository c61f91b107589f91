using System.Globalization;
using Webhooks.Domain;

namespace Webhooks.Api.Http;

/// <summary>Reads the query string as <see cref="Fields"/> reads a body, camelCase spelling understood: collects every fault, and refuses what was not asked for. Faults are 400.</summary>
public sealed class Query
{
    public const int MaxPageSize = 1000;
    public const int DefaultPageSize = 50;
    private const int MaxLength = 8 * 1024;

    private readonly Dictionary<string, (string Spelled, string Value)> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<FieldError> _errors = [];

    public Query(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        foreach (var (name, values) in http.Request.Query)
        {
            if (values.Count != 1 || !_values.TryAdd(Fields.Canonical(name), (name, values[0] ?? "")))
            {
                Refuse(name, "query.repeated", "Given more than once.");
            }
        }
    }

    public void Refuse(string name, string code, string detail) => _errors.Add(new FieldError(name, code, detail));

    /// <summary>Null when missing or empty.</summary>
    public string? Text(string name)
    {
        _asked.Add(name);
        if (!_values.TryGetValue(name, out var given) || given.Value is not { Length: > 0 } value)
        {
            return null;
        }

        if (value.Length > MaxLength || value.Contains('\0', StringComparison.Ordinal))
        {
            Refuse(name, "query.text", $"Must be at most {MaxLength} characters, without U+0000.");
            return null;
        }

        return value;
    }

    public T? Sid<T>(string name) where T : struct, ISid<T> => Read<T>(name, ParseSid<T>, $"Must be a sid of the form {T.Prefix}_….");

    public T? Enum<T>(string name) where T : struct, Enum =>
        Read<T>(name, text => EnumNames<T>.ByName.TryGetValue(text, out var value) ? value : null, $"Must be one of {EnumNames<T>.List}.");

    /// <summary>RFC 3339 with an offset.</summary>
    public DateTimeOffset? Time(string name) => Read(name, Wire.ParseTime, "Must be a time with its offset, such as 2026-01-31T12:00:00Z.");

    public int? Int(string name, int min, int max) => Read<int>(
        name,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null,
        max == int.MaxValue ? $"Must be an integer from {min}." : $"Must be {min} to {max}.");

    /// <returns>The first choice when missing or empty, and after an error.</returns>
    public string Choice(string name, params IReadOnlyList<string> choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (Text(name) is { } text && !choices.Contains(text))
        {
            Refuse(name, $"query.{name}", $"Must be one of {string.Join(", ", choices)}.");
            return choices[0];
        }

        return Text(name) ?? choices[0];
    }

    public bool? Boolean(string name) => Read<bool>(name, text => text switch { "true" => true, "false" => false, _ => null }, "Must be true or false.");

    /// <summary>Reads page_size, sort and page_token. A token holds the value of the sort's field and the id, or the id alone when the sort is by sid.</summary>
    /// <param name="sortFields">The first one, ascending, is the default.</param>
    public Page Page<TId>(params IReadOnlyList<string> sortFields) where TId : struct, ISid<TId> => Page<TId>(new Sort(sortFields[0], Descending: false), sortFields);

    /// <inheritdoc cref="Page{TId}(IReadOnlyList{string})"/>
    public Page Page<TId>(Sort defaultSort, params IReadOnlyList<string> sortFields) where TId : struct, ISid<TId>
    {
        ArgumentNullException.ThrowIfNull(sortFields);
        var size = Read<int>("page_size", ParsePageSize, $"Must be 1 to {MaxPageSize}.") ?? DefaultPageSize;
        var sort = Read<Sort>("sort", text => ParseSort(text, sortFields), $"Must be one of {string.Join(", ", sortFields.Select(f => $"{f}.asc, {f}.desc"))}.") ?? defaultSort;
        return new Page(size, sort, ReadToken<TId>(sort));
    }

    private PageToken? ReadToken<TId>(Sort sort) where TId : struct, ISid<TId>
    {
        if (Text("page_token") is not { } text)
        {
            return null;
        }

        if (PageToken.Read(text, sort.ToString(), keys: sort.Field == "sid" ? 1 : 2) is { } token && Domain.Sid.TryParse<TId>(token.Keys[^1], out _))
        {
            return token;
        }

        Refuse("page_token", "query.page_token", "Not a page token of this list and sort; take next_page_token from the answer before, with the same sort.");
        return null;
    }

    /// <exception cref="ProblemException">400 with every fault.</exception>
    public void Done()
    {
        foreach (var (name, given) in _values.Where(v => !_asked.Contains(v.Key)))
        {
            Refuse(given.Spelled.Length <= 200 ? given.Spelled : given.Spelled[..200], "query.unknown", $"There is no such parameter here.{DidYouMean.Hint(name, _asked)}");
        }

        if (_errors.Count > 0)
        {
            throw new ProblemException(Problems.OfQuery(_errors));
        }
    }

    private T? Read<T>(string name, Func<string, T?> parse, string rule) where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            Refuse(name, $"query.{name}", rule);
        }

        return value;
    }

    private static T? ParseSid<T>(string text) where T : struct, ISid<T> => Domain.Sid.TryParse<T>(text, out var id) ? id : null;

    private static int? ParsePageSize(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxPageSize ? size : null;

    private static Sort? ParseSort(string text, IReadOnlyList<string> fields)
    {
        var dot = text.LastIndexOf('.');
        var (spelled, direction) = dot < 0 ? (text, "asc") : (text[..dot], text[(dot + 1)..]);
        var field = Fields.Canonical(spelled);
        return fields.Contains(field) && direction is ("asc" or "desc") ? new Sort(field, direction == "desc") : null;
    }
}
