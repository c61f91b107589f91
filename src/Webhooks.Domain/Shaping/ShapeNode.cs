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

    public ShapeNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var (memberName, node) in _members)
        {
            if (name.SequenceEqual(memberName))
            {
                return node;
            }
        }

        return null;
    }

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

    /// <summary>Whether a member of this object is given this name, so that it takes another's place.</summary>
    /// <param name="kept">Whether members that are not selected are kept too.</param>
    public bool RenamesTo(ReadOnlySpan<byte> name, JsonIndex json, int node, bool kept)
    {
        foreach (var (memberName, member) in _members)
        {
            if (member is { NewName: { } newName, IsDropped: false } && (kept || member.IsSelected || member.SelectsInside) && name.SequenceEqual(newName) && json.Member(node, memberName, out _) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
