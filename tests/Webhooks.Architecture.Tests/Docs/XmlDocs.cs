using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Webhooks.Domain;

namespace Webhooks.Architecture.Tests.Docs;

/// <summary>What the source says of its types, from the documentation file beside an assembly.</summary>
internal sealed partial class XmlDocs(string assembly)
{
    private readonly ILookup<string, XElement> _members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml"))
        .Descendants("member").ToLookup(m => m.Attribute("name")!.Value);

    /// <summary>Markdown; empty where the source says nothing.</summary>
    public string SummaryOf(Type type) => Text(Member(type)?.Element("summary"));

    public string ParameterOf(Type type, string parameter) =>
        Text(Member(type)?.Elements("param").FirstOrDefault(p => p.Attribute("name")?.Value == parameter));

    public string PropertyOf(Type type, string name) => Text(_members[$"P:{type.FullName}.{name}"].FirstOrDefault()?.Element("summary"));

    public string ValueOf(Type type, string name) => Text(_members[$"F:{type.FullName}.{name}"].FirstOrDefault()?.Element("summary"));

    private XElement? Member(Type type) => _members[$"T:{type.FullName}"].FirstOrDefault();

    private static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Inline)), " ").Trim();

    private static string Inline(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{Name(see.Attribute("cref")!.Value.Split('.', ':')[^1])}`",
        XElement { Name.LocalName: "paramref" } reference => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(reference.Attribute("name")!.Value)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        _ => node.ToString(),
    };

    /// <summary>A fact goes by its durable name.</summary>
    private static string Name(string type) => FactCatalogue.All.FirstOrDefault(f => f.Type.Name == type).Name ?? type;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
