namespace Webhooks.Architecture.Tests;

/// <summary>Says which places break a rule, and why the rule is there.</summary>
internal static class Broken
{
    public static void None(IEnumerable<string> places, string rule)
    {
        var found = places.ToArray();
        Assert.True(found.Length == 0, $"{rule}\n  {string.Join("\n  ", found)}");
    }
}
