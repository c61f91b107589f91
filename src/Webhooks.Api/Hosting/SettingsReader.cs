using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Webhooks.Api.Http;

namespace Webhooks.Api.Hosting;

/// <summary>
/// Binds and validates options classes. The framework's binder stops at the first value it can't read, with a stack trace,
/// and passes over misspelt names; here every fault is a sentence that names the setting.
/// </summary>
public static class SettingsReader
{
    /// <exception cref="StartupException">One sentence per fault.</exception>
    public static T Read<T>(IConfiguration configuration, string section) where T : new()
    {
        var options = new T();
        var faults = new List<string>();
        Fill(options, configuration.GetSection(section), section, faults);
        return faults.Count == 0 ? options : throw new StartupException(string.Join(Environment.NewLine, faults));
    }

    /// <summary>Settings proper, and classes that hold further ones.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);

    public static bool IsSection(PropertyInfo property) => property.PropertyType is { IsClass: true, IsArray: false } type && type != typeof(string);

    private static void Fill(object options, IConfigurationSection section, string path, List<string> faults)
    {
        var properties = Properties(options.GetType()).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
            {
                faults.Add($"There is no setting {path}:{child.Key}.{DidYouMean.Hint(child.Key, properties.Keys)}");
            }
            else if (!IsSection(property))
            {
                Set(options, property, child, $"{path}:{property.Name}", faults);
            }
        }

        foreach (var property in properties.Values.Where(IsSection))
        {
            Fill(property.GetValue(options)!, section.GetSection(property.Name), $"{path}:{property.Name}", faults);
        }

        Validate(options, path, faults);
    }

    private static void Set(object options, PropertyInfo property, IConfigurationSection value, string path, List<string> faults)
    {
        if (property.PropertyType == typeof(string[]))
        {
            // One value with commas, or one entry per index (Name__0, Name__1).
            property.SetValue(options, value.Value is { } list
                ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : [.. value.GetChildren().Select(c => c.Value ?? "")]);
        }
        else if (string.IsNullOrEmpty(value.Value))
        {
            // An empty environment variable is no setting.
        }
        else if (Parse(value.Value, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { } parsed)
        {
            property.SetValue(options, parsed);
        }
        else
        {
            faults.Add($"{path} must be {Kind(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)}.");
        }
    }

    private static object? Parse(string text, Type type)
    {
        if (type.IsEnum)
        {
            return text.All(char.IsAsciiLetter) && Enum.TryParse(type, text, ignoreCase: true, out var value) ? value : null;
        }

        try
        {
            return type == typeof(string) ? text : TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text.Trim());
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type).Select(n => n.ToLowerInvariant()))}",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(double) => "a number",
        _ => "a whole number",
    };

    private static void Validate(object options, string path, List<string> faults)
    {
        foreach (var property in Properties(options.GetType()))
        {
            var value = property.GetValue(options);
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            {
                faults.Add($"{path}:{property.Name} must be {range.Minimum} to {range.Maximum}; it is {value}.");
            }

            if (property.GetCustomAttribute<RequiredAttribute>() is not null && value is null or "")
            {
                faults.Add($"{path}:{property.Name} is required.");
            }
        }

        if (options is IValidatableObject self)
        {
            faults.AddRange(self.Validate(new ValidationContext(options)).Select(r => $"{path}:{r.MemberNames.FirstOrDefault()} {r.ErrorMessage}."));
        }
    }
}
