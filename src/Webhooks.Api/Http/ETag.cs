using System.Globalization;

namespace Webhooks.Api.Http;

/// <summary>Versions as strong entity tags: <c>"v3"</c>.</summary>
public static class ETag
{
    public static string Of(int version) => $"\"v{version}\"";

    public static void Set(HttpContext http, int version)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Response.Headers.ETag = Of(version);
    }

    /// <summary>True when If-None-Match names this version, so that a GET is answered by 304. The ETag is set either way.</summary>
    public static bool NotModified(HttpContext http, int version)
    {
        Set(http, version);
        var tags = EntityTags.Read(http.Request.Headers.IfNoneMatch, "If-None-Match");

        // Weak comparison, as RFC 9110 §13.1.2 asks for here.
        return tags is { } t && (t.Any || t.Strong.Contains(version) || t.Weak.Contains(version));
    }
}

/// <summary>The version that a change was decided on, from If-Match. Without the header any version is meant.</summary>
public sealed record IfMatch
{
    private readonly EntityTags? _tags;

    private IfMatch(EntityTags? tags) => _tags = tags;

    public static readonly IfMatch Absent = new((EntityTags?)null);

    /// <summary>Whether the header names versions, so that a conflict is the caller's to resolve.</summary>
    public bool IsGiven => _tags is { Any: false };

    /// <exception cref="ProblemException">The header is malformed.</exception>
    public static IfMatch Read(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return EntityTags.Read(http.Request.Headers.IfMatch, "If-Match") is { } tags ? new IfMatch(tags) : Absent;
    }

    /// <summary>Strong comparison: weak tags never match.</summary>
    public bool Allows(int version) => _tags is not { } tags || tags.Any || tags.Strong.Contains(version);
}

internal sealed record EntityTags(bool Any, IReadOnlyList<int> Strong, IReadOnlyList<int> Weak)
{
    public static EntityTags? Read(string? header, string name)
    {
        if (header is null)
        {
            return null;
        }

        var text = header.AsSpan().Trim();
        if (text is "*")
        {
            return new EntityTags(Any: true, [], []);
        }

        List<int> strong = [], weak = [];
        while (true)
        {
            var isWeak = text.StartsWith("W/", StringComparison.Ordinal);
            text = isWeak ? text[2..] : text;
            var end = text is ['"', ..] ? text[1..].IndexOf('"') : -1;
            if (end < 0)
            {
                throw Problems.Refuse(400, "header.etag", $"{name} must be *, or entity tags such as \"v3\", separated by commas.", new FieldError(name, "header.etag", "Not a list of entity tags."));
            }

            // A tag that we never gave out matches nothing; it is well-formed all the same.
            if (text[1..(end + 1)] is ['v', .. var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                (isWeak ? weak : strong).Add(version);
            }

            text = text[(end + 2)..].TrimStart();
            if (text.IsEmpty)
            {
                return new EntityTags(Any: false, strong, weak);
            }

            text = text[0] == ',' ? text[1..].TrimStart() : "!";
        }
    }
}
