using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using Webhooks.Api.Hosting;

namespace Webhooks.Api.Tests.Hosting;

/// <summary>The README's table of settings is made from the options classes. To write it anew: <c>WEBHOOKS_REGENERATE=1</c>.</summary>
public sealed class SettingsTableTests
{
    private const string Begin = "<!-- settings -->";
    private const string End = "<!-- /settings -->";

    [Fact]
    public void The_readme_lists_every_setting_as_the_classes_have_it()
    {
        var path = Path.Combine(RepositoryRoot(), "README.md");
        var readme = File.ReadAllText(path);
        var begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end > begin, $"README.md lacks the markers {Begin} and {End}.");
        var current = $"{readme[..begin]}\n{Table()}{readme[end..]}";
        if (Environment.GetEnvironmentVariable("WEBHOOKS_REGENERATE") == "1")
        {
            File.WriteAllText(path, current);
            return;
        }

        Assert.True(current == readme, "README.md lists other settings than the options classes; run this test with WEBHOOKS_REGENERATE=1.");
    }

    [Fact]
    public void Every_setting_says_what_it_is_for_and_every_number_its_bounds() => Assert.All(
        All(typeof(WebhooksOptions), new WebhooksOptions(), WebhooksOptions.Section),
        s =>
        {
            Assert.False(string.IsNullOrEmpty(s.Property.GetCustomAttribute<DescriptionAttribute>()?.Description), s.Name);
            Assert.True(!s.Property.PropertyType.IsPrimitive || s.Property.PropertyType == typeof(bool) || s.Property.GetCustomAttribute<RangeAttribute>() is not null, s.Name);
        });

    private static string Table()
    {
        var table = new StringBuilder("| Environment variable | Purpose | Default | Bounds |\n|---|---|---|---|\n")
            .Append("| `ConnectionStrings__Postgres` | The PostgreSQL to use, as `Host=…;Username=…;Password=…;Database=…`. Without it an embedded one runs in the data directory. | | |\n");
        foreach (var (name, property, value) in All(typeof(WebhooksOptions), new WebhooksOptions(), WebhooksOptions.Section))
        {
            var purpose = property.GetCustomAttribute<DescriptionAttribute>()?.Description;
            table.Append(CultureInfo.InvariantCulture, $"| `{name.Replace(":", "__", StringComparison.Ordinal)}` | {purpose} | {Default(value)} | {Bounds(property)} |\n");
        }

        return table.ToString();
    }

    private static IEnumerable<(string Name, PropertyInfo Property, object? Value)> All(Type type, object options, string path) =>
        SettingsReader.Properties(type).SelectMany(p => SettingsReader.IsSection(p)
            ? All(p.PropertyType, p.GetValue(options)!, $"{path}:{p.Name}")
            : [(Name: $"{path}:{p.Name}", Property: p, Value: p.GetValue(options))]);

    private static string Default(object? value) => value switch
    {
        null or Array { Length: 0 } => "",
        Enum or bool => $"`{value.ToString()!.ToLowerInvariant()}`",
        _ => $"`{value}`",
    };

    private static string Bounds(PropertyInfo property) => property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{range.Minimum} to {range.Maximum}"
        : (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { IsEnum: true } choices ? string.Join(", ", Enum.GetNames(choices).Select(n => $"`{n.ToLowerInvariant()}`"))
        : property.PropertyType == typeof(bool) ? "`true`, `false`"
        : "";

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Webhooks.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Webhooks.sln stands in no folder above the tests.");
    }
}
