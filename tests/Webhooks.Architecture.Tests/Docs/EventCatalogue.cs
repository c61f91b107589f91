using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;
using Webhooks.Domain.Tests;

namespace Webhooks.Architecture.Tests.Docs;

/// <summary>Writes docs/events.md: every fact with its meaning from the source and its golden file as the example.</summary>
internal sealed class EventCatalogue
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private readonly XmlDocs _docs = new("Webhooks.Domain");
    private readonly StringBuilder _text = new();
    private readonly List<Type> _shapes = [];

    public static string Write() => new EventCatalogue().Document();

    private string Document()
    {
        Add("# Events");
        Add("What the log holds. Names are for ever and versioned; a shape never changes, a new one gets a new version beside it.");
        Add("Data is UTF-8 JSON in snake_case; members that are null are left out. Beside it, each row carries its stream and the version in it, the company, the actor (an API key, or none for the service itself), a correlation id and the time of recording.");
        Add("This file is generated from `FactCatalogue` by the architecture tests: run them with `WEBHOOKS_REGENERATE=1` after a change.");
        foreach (var stream in FactCatalogue.All.GroupBy(f => f.Name.Split('.')[0]))
        {
            Add($"## {stream.Key}");
            foreach (var (name, type) in stream)
            {
                Add($"### {name}");
                Add(Summary(type));
                Fields(type);
                Add($"```json\n{Example(name)}\n```");
            }
        }

        Add("## Shapes");
        Add("What stands inside the facts above.");

        // Describing a shape may meet further ones, which join the list.
        for (var i = 0; i < _shapes.Count; i++)
        {
            Shape(_shapes[i]);
        }

        return _text.ToString().TrimEnd('\n') + "\n";
    }

    private void Shape(Type type)
    {
        Add($"### {type.Name}");
        if (_docs.SummaryOf(type) is { Length: > 0 } summary)
        {
            Add(summary);
        }

        if (type.IsEnum)
        {
            Add(string.Join('\n', Enum.GetNames(type).Where(n => WireName(type, n) is not null).Select(n => $"- `{WireName(type, n)}` {_docs.ValueOf(type, n)}".TrimEnd())));
            return;
        }

        Fields(type);
        foreach (var kind in type.GetCustomAttributes<JsonDerivedTypeAttribute>())
        {
            Add($"`kind` is `{kind.TypeDiscriminator}`{(_docs.SummaryOf(kind.DerivedType) is { Length: > 0 } meaning ? $": {meaning}" : ".")}");
            Fields(kind.DerivedType);
        }
    }

    private void Fields(Type type)
    {
        var nullability = new NullabilityInfoContext();
        var fields = type.IsAbstract ? [] : type.GetConstructors().MaxBy(c => c.GetParameters().Length)?.GetParameters() ?? [];
        var added = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => IsToldHere(p.DeclaringType!, type) && p.CanWrite && fields.All(f => f.Name != p.Name) && p.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always });
        string[] rows =
        [
            .. fields.Select(f => Row(f.Name!, f.ParameterType, nullability.Create(f).ReadState is NullabilityState.Nullable, _docs.ParameterOf(type, f.Name!))),

            // What came later is left out where it says nothing.
            .. added.Select(p => Row(p.Name, p.PropertyType, isOptional: true, _docs.PropertyOf(p.DeclaringType!, p.Name))),
        ];
        if (rows.Length > 0)
        {
            Add($"| field | type | |\n|---|---|---|\n{string.Join('\n', rows)}");
        }
    }

    /// <summary>What all kinds of a union share is told once, with the union; what some of them share, with each of these.</summary>
    private static bool IsToldHere(Type declaring, Type type) =>
        declaring == type || (declaring.IsAbstract && !type.IsAbstract && !declaring.IsDefined(typeof(JsonPolymorphicAttribute), inherit: false));

    private string Row(string name, Type type, bool isOptional, string meaning) =>
        $"| `{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}` | {Kind(type)}{(isOptional ? ", optional" : "")} | {meaning} |";

    private string Kind(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => Kind(inner),
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) || type == typeof(double) => "number",
        _ when type == typeof(DateTimeOffset) => "time (RFC 3339)",
        _ when type == typeof(byte[]) => "base64",
        _ when type == typeof(SealedSecret) => "text, encrypted",
        _ when type == typeof(Header) => "pair `[name, value]`",
        _ when type.GetProperty("Prefix", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is string prefix => $"id `{prefix}_…`",
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(EquatableArray<>) => $"list of {Kind(type.GetGenericArguments()[0])}",
        { IsEnum: true } when type.IsDefined(typeof(FlagsAttribute)) => $"{Link(type)}, several joined by `, `",
        _ => Link(type),
    };

    private string Link(Type type)
    {
        if (!_shapes.Contains(type))
        {
            _shapes.Add(type);
        }

        return $"[{type.Name}](#{type.Name.ToLower(CultureInfo.InvariantCulture)})";
    }

    private string Summary(Type fact) => _docs.SummaryOf(fact) is { Length: > 0 } summary ? summary
        : throw new InvalidOperationException($"{fact.Name} has no <summary>: say in one sentence what happened when this fact stands in the log.");

    private static string Example(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Webhooks.Domain.Tests/Golden", $"{name}.json")))!.ToJsonString(Readable);

    private static string? WireName(Type type, string value) => type.GetField(value)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name;

    private void Add(string paragraph) => _text.Append(paragraph).Append("\n\n");
}
