using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>Turns the JSON of a shape into what is applied. The first mistake ends it, named by its place: <c>shape.drop[2]</c>.</summary>
internal sealed class ShapeParser(JsonIndex json)
{
    private readonly ShapeNode _fields = new();
    private readonly ShapeNode _constants = new();
    private byte[] _mask = Encoding.UTF8.GetBytes($"\"{Shape.DefaultMask}\"");
    private Envelope? _envelope;
    private bool _isForm;
    private int _paths;
    private Refusal? _refusal;

    public static Shape? Parse(JsonText text, string field, out Refusal? refusal)
    {
        var bytes = text.Utf8;
        if (bytes.Length > Shape.MaxBytes)
        {
            refusal = Refusal.Invalid(field, "shape.too_large", $"A shape may have at most {Shape.MaxBytes} bytes; this one has {bytes.Length}.");
            return null;
        }

        if (IsTooDeep(bytes))
        {
            refusal = Refusal.Invalid(field, "shape.too_deep", $"A shape may have at most {Shape.MaxDepth} objects and arrays inside one another.");
            return null;
        }

        using var json = JsonIndex.Of(bytes);
        return new ShapeParser(json).Read(field, out refusal);
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = JsonIndex.MaxDepth });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= Shape.MaxDepth && reader.TokenType is (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return true;
            }
        }

        return false;
    }

    private Shape? Read(string field, out Refusal? refusal)
    {
        if (json.Kind(0) != JsonTokenType.StartObject || json.After(0) == JsonIndex.First(0))
        {
            refusal = Refusal.Invalid(field, "shape.type", "Must be an object with at least one of select, drop, redact, mask, rename, set, envelope and body.");
            return null;
        }

        foreach (var (name, member) in Members(0, field))
        {
            ReadMember(member, name, $"{field}.{name}");
        }

        RefuseUnclear(field);
        refusal = _refusal;
        var hasFields = _fields.Members.Count > 0 || _constants.Members.Count > 0;
        return refusal is null ? new Shape(hasFields ? new FieldShaper(_fields, _constants, _mask) : null, _envelope, _isForm) : null;
    }

    /// <summary>Constants may be any JSON, but one that every reader reads alike.</summary>
    private void RefuseUnclear(string field)
    {
        for (var node = 0; node < json.Count; node++)
        {
            if (json.Kind(node) == JsonTokenType.String && json.StringOf(node) is null)
            {
                Refuse(field, "field.text", "A string holds a lone surrogate, which is no character.");
            }

            if (json.Kind(node) == JsonTokenType.StartObject)
            {
                // Naming each member is the test.
                _ = Members(node, field).Count();
            }
        }
    }

    private void ReadMember(int node, string name, string field)
    {
        switch (name)
        {
            case "select":
                ReadPaths(node, field, static f => f.IsSelected = true);
                break;
            case "drop":
                ReadPaths(node, field, static f => f.IsDropped = true);
                break;
            case "redact":
                ReadPaths(node, field, static f => f.IsRedacted = true);
                break;
            case "mask":
                _mask = TextOf(node, 0, field) is not null ? json.Raw(node).ToArray() : _mask;
                break;
            case "rename":
                ReadRenames(node, field);
                break;
            case "set":
                ReadConstants(node, field);
                break;
            case "envelope":
                ReadEnvelope(node, field);
                break;
            case "body":
                ReadBody(node, field);
                break;
            default:
                Refuse(field, "field.unknown", "There is no such field; there are select, drop, redact, mask, rename, set, envelope and body.");
                break;
        }
    }

    private void ReadPaths(int node, string field, Action<ShapeNode> mark)
    {
        if (json.Kind(node) != JsonTokenType.StartArray)
        {
            Refuse(field, "field.type", "Must be a list of paths.");
            return;
        }

        var i = 0;
        for (var item = JsonIndex.First(node); item < json.After(node) && _refusal is null; item = json.After(item), i++)
        {
            var text = json.Kind(item) == JsonTokenType.String ? json.StringOf(item) : null;
            if (PathOf(text, $"{field}[{i}]") is { } path)
            {
                mark(_fields.At(path));
            }
        }
    }

    private void ReadRenames(int node, string field)
    {
        foreach (var (name, member) in Members(node, field))
        {
            if (PathOf(name, $"{field}.{name}") is { } path && TextOf(member, 1, $"{field}.{name}") is { } newName)
            {
                _fields.At(path).NewName = Encoding.UTF8.GetBytes(newName);
            }
        }
    }

    private void ReadConstants(int node, string field)
    {
        foreach (var (name, member) in Members(node, field))
        {
            if (PathOf(name, $"{field}.{name}") is { } path)
            {
                var at = _constants.At(path);
                if (at.Members.Count > 0 || Covers(path))
                {
                    Refuse($"{field}.{name}", "shape.set", "Another constant stands inside this one, or around it.");
                }

                at.Constant = json.Raw(member).ToArray();
            }
        }
    }

    /// <summary>Whether a constant stands at a step before the last of a path.</summary>
    private bool Covers(JsonPath path)
    {
        var node = _constants;
        foreach (var step in path.Steps.AsSpan()[..^1])
        {
            node = node.Find(step.Name)!;
            if (node.Constant is not null)
            {
                return true;
            }
        }

        return false;
    }

    private void ReadEnvelope(int node, string field)
    {
        if (json.Kind(node) != JsonTokenType.StartObject)
        {
            Refuse(field, "field.type", "Must be an object, such as {\"type\":\"{{event_type}}\",\"data\":\"{{payload}}\"}.");
            return;
        }

        _envelope = Envelope.Parse(json, node, out var problem);
        if (problem is not null)
        {
            Refuse(field, "shape.envelope", problem);
        }
    }

    private void ReadBody(int node, string field)
    {
        var body = json.Kind(node) == JsonTokenType.String ? json.StringOf(node) : null;
        if (body is not ("json" or "form"))
        {
            Refuse(field, "field.value", "Must be json or form.");
        }

        _isForm = body == "form";
    }

    private IEnumerable<(string Name, int Node)> Members(int node, string field)
    {
        if (json.Kind(node) != JsonTokenType.StartObject)
        {
            Refuse(field, "field.type", "Must be an object.");
            yield break;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var member = JsonIndex.First(node); member < json.After(node) && _refusal is null; member = json.After(member))
        {
            var name = json.NameStringOf(member);
            if (name is null || !names.Add(name))
            {
                Refuse($"{field}.{name}", name is null ? "field.text" : "field.duplicate", name is null ? "A name holds a lone surrogate, which is no character." : "Given more than once.");
                yield break;
            }

            yield return (name, member);
        }
    }

    private JsonPath? PathOf(string? text, string field)
    {
        if (!JsonPath.TryParse(text ?? "", out var path, out var problem))
        {
            Refuse(field, "shape.path", text is null ? "Must be a path, such as order.customer.email." : problem);
            return null;
        }

        if (path.Steps.Any(s => s.Name is null))
        {
            Refuse(field, "shape.path", "A path of a shape speaks of members alone: all items of an array are treated alike.");
            return null;
        }

        if (++_paths > Shape.MaxPaths)
        {
            Refuse(field, "shape.too_many", $"A shape may hold at most {Shape.MaxPaths} paths.");
            return null;
        }

        return path;
    }

    private string? TextOf(int node, int min, string field)
    {
        var text = json.Kind(node) == JsonTokenType.String ? json.StringOf(node) : null;
        if (text is null || text.Length < min || text.Length > Shape.MaxMaskLength)
        {
            Refuse(field, "field.length", $"Must be a string of {min} to {Shape.MaxMaskLength} characters.");
            return null;
        }

        return text;
    }

    private void Refuse(string field, string code, string detail) => _refusal ??= Refusal.Invalid(field, code, detail);
}
