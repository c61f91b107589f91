using System.Text.Json;
using System.Xml;
using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>Reads the two forms in which Amazon answers. What is no such answer reads as nothing.</summary>
internal static class AwsAnswers
{
    private const int MaxCodeLength = 64;
    private const int TooManyRequests = 429;

    /// <summary>Amazon says most of this with 400 or 403, which would spend the message's attempts.</summary>
    private static readonly string[] Throttled = ["RequestThrottled", "Throttled", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "KmsThrottled", "KMS.ThrottlingException"];

    /// <returns>The text of the object's member; null where there is none.</returns>
    public static string? JsonText(byte[] answer, string name)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return ForeignJson.Text(json.RootElement, name);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The text of the first element of this name, whatever its namespace; null where there is none.</returns>
    public static string? XmlText(byte[] answer, string name)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(answer), settings);
            while (xml.Read())
            {
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName == name)
                {
                    return xml.ReadElementContentAsString();
                }
            }

            return null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <returns>The status to record: where the code speaks of too many requests, the one that says so.</returns>
    public static int? StatusOf(string? code, int? status) => Throttled.Contains(code) ? TooManyRequests : status;

    /// <summary>The code of an error as it may be shown: a word, whoever answered. Null where it is none.</summary>
    /// <param name="code">With or without the name of its model before a '#'.</param>
    public static string? ShownCode(string? code)
    {
        var word = code?[(code.LastIndexOf('#') + 1)..];
        return word is { Length: >= 1 and <= MaxCodeLength } && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_') ? word : null;
    }
}
