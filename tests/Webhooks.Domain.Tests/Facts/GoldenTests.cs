using System.Text;

namespace Webhooks.Domain.Tests.Facts;

/// <summary>
/// What the log holds is read for ever, so each fact's JSON is nailed down in Golden/. A golden file is never changed:
/// a new shape is a new version with a file of its own. WEBHOOKS_REGENERATE=1 writes those that are missing.
/// </summary>
public class GoldenTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Webhooks.Domain.Tests", "Golden");

    public static TheoryData<string> Catalogue => [.. FactCatalogue.All.Select(f => f.Name)];

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void The_log_holds_a_fact_byte_for_byte_as_its_golden_file_does(string name)
    {
        var sample = FactSamples.ByName[name];
        if (Repository.Regenerate && !File.Exists(FileOf(name)))
        {
            File.WriteAllBytes(FileOf(name), [.. FactCatalogue.Serialize(sample), (byte)'\n']);
        }

        Assert.True(File.Exists(FileOf(name)), $"{name} has no golden file yet: run these tests once with WEBHOOKS_REGENERATE=1, look at the new file and commit it.");
        Assert.Equal(name, FactCatalogue.NameOf(sample));
        Assert.Equal(Encoding.UTF8.GetString(Golden(name)), Encoding.UTF8.GetString(FactCatalogue.Serialize(sample)));
    }

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void A_golden_file_is_read_back_as_the_fact_it_was(string name) =>
        Assert.Equal(FactSamples.ByName[name], FactCatalogue.Deserialize(name, Golden(name)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_golden_file_belongs_to_a_fact_that_can_still_be_read(string file) =>
        Assert.IsAssignableFrom<Fact>(FactCatalogue.Deserialize(Path.GetFileNameWithoutExtension(file), Golden(Path.GetFileNameWithoutExtension(file))));

    private static string FileOf(string name) => Path.Combine(Folder, $"{name}.json");

    private static byte[] Golden(string name) => File.ReadAllBytes(FileOf(name)) is [.. var json, (byte)'\n'] ? json
        : throw new InvalidDataException($"{FileOf(name)} does not end with a line feed.");
}
