namespace Webhooks.Delivery.Routing;

/// <summary>
/// The webhooks whose event types hold stars, by the segments of their patterns. Looking a type up visits only patterns
/// that begin like it, however many others there are. Filled once, then only read.
/// </summary>
internal sealed class PatternTree
{
    private const char Separator = '.';
    private const string Star = "*";

    private readonly Node _root = new();

    public void Add(string pattern, RoutedWebhook webhook)
    {
        var segments = pattern.Split(Separator);
        var isOpen = segments[^1] == Star;
        var node = _root;
        foreach (var segment in isOpen ? segments[..^1] : segments)
        {
            if (!node.Next.TryGetValue(segment, out var next))
            {
                node.Next.Add(segment, next = new Node());
            }

            node = next;
        }

        (isOpen ? node.Open : node.Ends).Add(webhook);
    }

    public void Match(string type, List<RoutedWebhook> found) => Walk(_root, type.Split(Separator), 0, found);

    private static void Walk(Node node, string[] segments, int depth, List<RoutedWebhook> found)
    {
        if (depth == segments.Length)
        {
            found.AddRange(node.Ends);
            return;
        }

        found.AddRange(node.Open);
        if (node.Next.TryGetValue(segments[depth], out var next))
        {
            Walk(next, segments, depth + 1, found);
        }

        if (node.Next.TryGetValue(Star, out var any))
        {
            Walk(any, segments, depth + 1, found);
        }
    }

    private sealed class Node
    {
        /// <summary>By segment; a star, which no type holds, for any.</summary>
        public Dictionary<string, Node> Next { get; } = new(StringComparer.Ordinal);

        /// <summary>Patterns that end here.</summary>
        public List<RoutedWebhook> Ends { get; } = [];

        /// <summary>Patterns whose last star begins here: one segment more, or many.</summary>
        public List<RoutedWebhook> Open { get; } = [];
    }
}
