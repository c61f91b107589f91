using System.Text.Json;
using Webhooks.Domain;

namespace Webhooks.Api.Http;

public enum Presence
{
    Missing,

    /// <summary>Given as null: in a merge patch, "take it away".</summary>
    Null,
    Value,
}

/// <summary>
/// Reads the members of a JSON object, by their snake_case names (camelCase spelling is understood), and collects every
/// broken rule instead of stopping at the first. A faulty field yields a default; <see cref="Done"/> then throws.
/// What was not asked for until then is unknown, and refused by name.
/// </summary>
public sealed partial class Fields
{
    private readonly Dictionary<string, (string Spelled, JsonValue Value)> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<Fields> _nested = [];
    private readonly string _path;
    private readonly Errors _errors;

    private Fields(JsonValue json, string path, Errors errors)
    {
        (_path, _errors) = (path, errors);
        foreach (var (name, value) in json.Members)
        {
            if (!_members.TryAdd(Canonical(name), (name, value)))
            {
                errors.Add(new FieldError(path + name, "field.duplicate", "Given more than once."));
            }
        }
    }

    /// <exception cref="ProblemException">Not an object.</exception>
    public static Fields Of(JsonValue json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return json.Kind == JsonTokenType.StartObject
            ? new Fields(json, "", new Errors())
            : throw Problems.Refuse(400, "json.not_an_object", "The body must be a JSON object.");
    }

    public Presence Presence(string name)
    {
        _asked.Add(name);
        return !_members.TryGetValue(name, out var member) ? Http.Presence.Missing
            : member.Value.Kind == JsonTokenType.Null ? Http.Presence.Null
            : Http.Presence.Value;
    }

    /// <summary>Adds a broken rule of the caller's own.</summary>
    public void Refuse(string name, string code, string detail) => _errors.Add(new FieldError(_path + name, code, detail));

    /// <summary>Adds a refusal of the domain, if there is one; its field is relative to this object.</summary>
    public void Refuse(Refusal? refusal)
    {
        if (refusal is not null)
        {
            Refuse(refusal.Field ?? "", refusal.Code, refusal.Detail);
        }
    }

    /// <summary>The path of every field that a reader asked for so far: what it knows.</summary>
    internal IEnumerable<string> Asked => _asked.Select(name => _path + name).Concat(_nested.SelectMany(n => n.Asked));

    /// <summary>Call when every field was asked for, on the outermost object.</summary>
    /// <exception cref="ProblemException">422 with all broken rules.</exception>
    public void Done()
    {
        RefuseUnknown();
        _errors.Throw();
    }

    private void RefuseUnknown()
    {
        List<string>? free = null;
        foreach (var (canonical, member) in _members)
        {
            // What no answer has room for needs no looking up: a body may have tens of thousands of names.
            if (_errors.IsFull)
            {
                return;
            }

            if (!_asked.Contains(canonical))
            {
                free ??= [.. _asked.Where(name => !_members.ContainsKey(name))];
                Refuse(member.Spelled, "field.unknown", $"There is no such field.{DidYouMean.Hint(canonical, free)}");
            }
        }

        _nested.ForEach(n => n.RefuseUnknown());
    }

    /// <summary>The member's value; null when it is missing or null, with an error where it is required.</summary>
    private JsonValue? Find(string name, bool required)
    {
        switch (Presence(name))
        {
            case Http.Presence.Value:
                return _members[name].Value;
            case var presence:
                if (required)
                {
                    Refuse(name, "field.required", presence == Http.Presence.Null ? "Must not be null." : "Is required.");
                }

                return null;
        }
    }

    private Fields Nested(JsonValue json, string path)
    {
        var nested = new Fields(json, path, _errors);
        _nested.Add(nested);
        return nested;
    }

    private void RefuseType(string name, string expected) => Refuse(name, "field.type", $"Must be {expected}.");

    /// <summary>externalUserId → external_user_id, as the JSON form of Protocol Buffers spells it.</summary>
    internal static string Canonical(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || !name.Any(char.IsAsciiLetterUpper))
        {
            return name;
        }

        return string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : c.ToString()));
    }

    private sealed class Errors
    {
        /// <summary>Enough to mend a request by; an answer stays small whatever was sent.</summary>
        private const int Max = 100;

        private readonly List<FieldError> _list = [];

        public bool IsFull => _list.Count >= Max;

        public void Add(FieldError error)
        {
            if (!IsFull)
            {
                _list.Add(error with { Field = error.Field.Length <= 200 ? error.Field : error.Field[..200] });
            }
        }

        public void Throw()
        {
            if (_list.Count > 0)
            {
                throw new ProblemException(Problems.OfBody(_list));
            }
        }
    }
}
