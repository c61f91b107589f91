using Webhooks.Api.Http;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads which events a webhook wants, and what is made of them: <c>event_types channels filter shape</c>.</summary>
internal static class SelectionReader
{
    public static string[] ReadEventTypes(Fields body)
    {
        var types = body.OptionalStrings("event_types", WebhookReader.MaxEventTypes, 1, int.MaxValue) ?? [];
        for (var i = 0; i < types.Count; i++)
        {
            // An empty one was refused by the reader.
            if (types[i].Length > 0)
            {
                body.Refuse(EventTypePattern.Refuse(types[i], $"event_types[{i}]"));
            }
        }

        if (types.Where(t => t.Length > 0).GroupBy(t => t).FirstOrDefault(g => g.Skip(1).Any()) is { } repeated)
        {
            body.Refuse("event_types", "event_type.duplicate", $"Holds '{(repeated.Key.Length <= EventTypes.MaxLength ? repeated.Key : repeated.Key[..EventTypes.MaxLength])}' more than once.");
        }

        return [.. types];
    }

    public static string[] ReadChannels(Fields body, int max = Channels.MaxPerWebhook)
    {
        var channels = body.OptionalStrings("channels", max, 1, int.MaxValue) ?? [];
        if (channels.All(c => c.Length > 0))
        {
            body.Refuse(Channels.Refuse(channels, max, "channels"));
        }

        return [.. channels];
    }

    /// <summary>Null when it is missing or null, or breaks a rule.</summary>
    public static PayloadFilter? ReadFilter(Fields body, out JsonText? text)
    {
        text = body.OptionalJson("filter");
        if (text is null)
        {
            return null;
        }

        var filter = PayloadFilter.Parse(text, "filter", out var refusal);
        body.Refuse(refusal);
        return filter;
    }

    /// <summary>Null when it is missing or null, or breaks a rule.</summary>
    public static JsonText? ReadShape(Fields body, WebhookConfiguration configuration)
    {
        if (body.OptionalJson("shape") is not { } text)
        {
            return null;
        }

        var shape = Shape.Parse(text, "shape", out var refusal);
        body.Refuse(refusal);
        if (shape is { IsForm: true } && (configuration.Framing == BodyFraming.Streem || configuration.SignedWith.Any(s => s.Scheme == SignatureScheme.Streem)))
        {
            body.Refuse("shape.body", "shape.form", "The scheme streem signs a JSON body; choose the scheme standard, or json.");
        }

        return text;
    }
}
