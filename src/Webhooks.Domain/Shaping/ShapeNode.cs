using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>What a shape says of a member and of what is inside it; the same for every item where the member is an array.</summary>
internal sealed class ShapeNode
{
    private readonly List<(byte[] Name, ShapeNode Node)> _members = [];

    public IReadOnlyList<(byte[] Name, ShapeNode Node)> Members => _members;

    public bool IsSelected { get; set; }
    public bool IsDropped { get; set; }
    public bool IsRedacted { get; set; }

    /// <summary>In UTF-8, as it reads; null keeps the name.</summary>
    public byte[]? NewName { get; set; }

    /// <summary>The JSON of the constant that stands here; null where there is none.</summary>
    public byte[]? Constant { get; set; }

    /// <summary>Something inside is selected.</summary>
    public bool SelectsInside => _members.Exists(m => m.Node.IsSelected || m.Node.SelectsInside);

    public bool Renames => _members.Exists(static m => m.Node.NewName is not null);

    public ShapeNode? Find(ReadOnlySpan<byte> name) => IndexOf(name) is var i and >= 0 ? _members[i].Node : null;

    /// <summary>The node at a path, made where there is none.</summary>
    public ShapeNode At(JsonPath path)
    {
        var node = this;
        foreach (var step in path.Steps)
        {
            var next = node.Find(step.Name);
            if (next is null)
            {
                node._members.Add((step.Name!, next = new ShapeNode()));
            }

            node = next;
        }

        return node;
    }

    /// <summary>Tells of each member's rule whether the object has that member and gives it a new name, which then takes another's place.</summary>
    /// <param name="kept">Whether members that are not selected are kept too.</param>
    /// <param name="renamed">By the number of the rule in <see cref="Members"/>, all false yet. Worked out once for an object: it reads all its names.</param>
    public void FindRenamed(JsonIndex json, int node, bool kept, Span<bool> renamed)
    {
        for (var member = JsonIndex.First(node); member < json.After(node); member = json.After(member))
        {
            using var name = json.NameOf(member);
            if (IndexOf(name.Span) is var i and >= 0 && !renamed[i])
            {
                var rule = _members[i].Node;
                renamed[i] = rule is { NewName: not null, IsDropped: false } && (kept || rule.IsSelected || rule.SelectsInside);
            }
        }
    }

    /// <summary>Whether one of the members renamed gets this name.</summary>
    public bool RenamesTo(ReadOnlySpan<byte> name, ReadOnlySpan<bool> renamed)
    {
        for (var i = 0; i < renamed.Length; i++)
        {
            if (renamed[i] && name.SequenceEqual(_members[i].Node.NewName))
            {
                return true;
            }
        }

        return false;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _members.Count; i++)
        {
            if (name.SequenceEqual(_members[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
