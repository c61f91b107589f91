using System.Reflection;
using System.Text.Json.Serialization;

namespace Webhooks.Api.Http;

/// <summary>Wire names of an enum's members, as its JSON attributes state them.</summary>
public static class EnumNames<T> where T : struct, Enum
{
    public static readonly IReadOnlyDictionary<string, T> ByName = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(f => f.GetCustomAttribute<JsonStringEnumMemberNameAttribute>() is not null)
        .ToDictionary(f => f.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name, f => (T)f.GetValue(null)!);

    private static readonly Dictionary<T, string> Names = ByName.ToDictionary(p => p.Value, p => p.Key);

    public static string List { get; } = string.Join(", ", ByName.Keys);

    public static string Of(T value) => Names[value];
}
