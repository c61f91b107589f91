using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Webhooks.EventStore;

/// <summary>One numbered step of the schema: <c>Schema/NNNN_name.sql</c>, embedded. Never changed once it is released.</summary>
internal sealed partial record Migration(int Number, string Name, string Sql, string Sha256)
{
    public static IReadOnlyList<Migration> From(IEnumerable<Assembly> assemblies)
    {
        var migrations = assemblies
            .SelectMany(a => a.GetManifestResourceNames().Select(resource => (Assembly: a, Resource: resource, Match: ResourceName().Match(resource))))
            .Where(r => r.Match.Success)
            .Select(r => Load(r.Assembly, r.Resource, r.Match))
            .OrderBy(m => m.Number)
            .ToList();
        return migrations.Zip(migrations.Skip(1)).FirstOrDefault(pair => pair.First.Number == pair.Second.Number) is (Migration first, Migration second)
            ? throw new MigrationException($"Two migrations have the number {first.Number:0000}, {first.Name} and {second.Name}: give the later one the next free number.")
            : migrations;
    }

    private static Migration Load(Assembly assembly, string resource, Match match)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var sql = bytes.ToArray();
        return new Migration(int.Parse(match.Groups["number"].ValueSpan), match.Groups["name"].Value, Encoding.UTF8.GetString(sql), Convert.ToHexStringLower(SHA256.HashData(sql)));
    }

    [GeneratedRegex(@"\.Schema\.(?<number>[0-9]{4})_(?<name>\w+)\.sql$", RegexOptions.ExplicitCapture)]
    private static partial Regex ResourceName();
}
