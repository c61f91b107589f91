using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>A webhook as AIOZ's clients write it: JSON, or a form.</summary>
/// <param name="Name">Without white space around it; null when left out.</param>
/// <param name="Url">Null when left out.</param>
/// <param name="Flags">Those that were given.</param>
internal sealed record AiozBody(string? Name, string? Url, IReadOnlyDictionary<string, bool> Flags)
{
    public const int MaxNameLength = 100;
    public const string Example = """{"name":"Media","url":"https://hooks.example.com/media","file_received":true,"encoding_started":true,"partial_finished":false,"encoding_finished":true,"encoding_failed":true}""";

    public static readonly FieldDoc[] Docs =
    [
        Documentation.Optional("name", $"For people: at most {MaxNameLength} characters."),
        Documentation.Required("url", "Where events go, by POST."),
        .. AiozEvents.All.Select(e => Documentation.Optional(e.Flag, $"Whether events of the type {e.Type} go there.")),
    ];

    private const string FormType = "application/x-www-form-urlencoded";

    /// <exception cref="ProblemException">It can't be read, or a field breaks a rule.</exception>
    public static async Task<AiozBody> Read(HttpContext http, bool isNew)
    {
        var body = IsForm(http.Request) ? Fields.Of(await ReadForm(http)) : await JsonBody.Read(http);
        var name = body.OptionalString("name", 0, MaxNameLength)?.Trim();
        var url = isNew ? body.String("url", 1, UrlRules.MaxLength) : body.OptionalString("url", 1, UrlRules.MaxLength);
        var flags = AiozEvents.All
            .Select(e => (e.Flag, Value: body.OptionalBoolean(e.Flag)))
            .Where(f => f.Value is not null)
            .ToDictionary(f => f.Flag, f => f.Value!.Value);
        body.Done();
        return new AiozBody(name, url?.Trim(), flags);
    }

    private static bool IsForm(HttpRequest request) => request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The form as the JSON that it stands for. What is no boolean stays text, for the flags' own rule to refuse.</summary>
    private static async Task<JsonValue> ReadForm(HttpContext http)
    {
        JsonBody.CheckEncoding(http.Request);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = JsonBody.MaxCommandBytes;
        }

        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            throw Problems.Refuse(400, "form.malformed", $"The form can't be read: {e.Message}");
        }

        // Member by member, so that what is given twice is seen twice.
        var members = form.SelectMany(f => f.Value, (f, text) => $"{JsonSerializer.Serialize(f.Key)}:{ValueOf(f.Key, text ?? "")}");
        return JsonValue.Parse(Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}"));
    }

    private static string ValueOf(string name, string text) => IsFlag(name) && bool.TryParse(text, out var flag) ? (flag ? "true" : "false") : JsonSerializer.Serialize(text);

    private static bool IsFlag(string name) => AiozEvents.All.Any(e => e.Flag == Fields.Canonical(name));
}
