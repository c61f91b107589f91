using Webhooks.Domain;
using Webhooks.Domain.Tests;

namespace Webhooks.Architecture.Tests.Docs;

public class GeneratedDocTests
{
    [Fact]
    public void The_event_catalogue_is_current() => Current("docs/events.md", EventCatalogue.Write());

    [Fact]
    public void The_event_catalogue_names_every_fact()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs/events.md"));
        Assert.All(FactCatalogue.All, fact => Assert.Contains($"### {fact.Name}\n", text, StringComparison.Ordinal));
    }

    private static void Current(string path, string generated)
    {
        var file = Path.Combine(Repository.Root, path);
        if (Repository.Regenerate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, generated);
        }

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == generated,
            $"{path} is not what the source says now: run this test project with WEBHOOKS_REGENERATE=1, read the change and commit it.");
    }
}
