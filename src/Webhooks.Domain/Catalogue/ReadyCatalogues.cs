using System.Text;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue;

/// <summary>Catalogues that come with the service.</summary>
public static class ReadyCatalogues
{
    /// <summary>The five media events of AIOZ Stream, as it documents them.</summary>
    public const string AiozStream = "aiozstream";

    public static IReadOnlyCollection<string> Names => [AiozStream];

    /// <returns>Null where there is no such catalogue.</returns>
    public static IReadOnlyList<DescribedEventType>? Find(string name, string field) => name == AiozStream ?
    [
        Media("file.received", "A new file was uploaded and received.", "transcoding", field),
        Media("encoding.started", "The encoding of a file began.", "transcoding", field),
        Media("partial.finished", "The encoding of one quality of a file is complete.", "transcoding", field, isOneQuality: true),
        Media("encoding.finished", "The encoding of a file is complete.", "done", field),
        Media("encoding.failed", "The encoding of a file failed.", "fail", field),
    ] : null;

    private static DescribedEventType Media(string type, string description, string status, string field, bool isOneQuality = false)
    {
        var qualities = isOneQuality
            ? """{"type":"string","description":"Name of the encoded quality.","pattern":"^[^,]*$"}"""
            : """{"type":"string","description":"Names of the qualities, joined by commas."}""";
        var schema = $$"""
            {"type":"object","required":["type","emitted_at","media_id","media_type","qualities","title","status","user_id"],"properties":{
              "type":{"const":"{{type}}"},
              "emitted_at":{"description":"When the event was emitted.","type":["string","integer"]},
              "media_id":{"type":"string","description":"Unique id of the file."},
              "media_type":{"enum":["video","live-stream"]},
              "qualities":{{qualities}},
              "title":{"type":"string"},
              "status":{"enum":["transcoding","done","fail"]},
              "user_id":{"type":"string","description":"The file's owner."} } }
            """;
        var example = $$"""
            {"type":"{{type}}","emitted_at":"2026-01-31T12:00:00Z","media_id":"6f1c1c7e-9a43-4c6e-8a4c-0d2f7f3f7a11","media_type":"video",
             "qualities":"{{(isOneQuality ? "720p" : "720p,1080p")}}" ,"title":"Holiday","status":"{{status}}","user_id":"0b0d9f5e-2f57-4a0e-9a51-8f2f3d9f0c55"}
            """;
        return new DescribedEventType(type, new EventTypeDefinition(description) { Schema = Text(schema), Example = Text(example) }, Deprecated: false, $"{field}.{type}");
    }

    private static JsonText Text(string json) => JsonText.Of(Encoding.UTF8.GetBytes(json));
}
