using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Receiver.Tests;

/// <summary>Requests that other implementations signed.</summary>
public sealed class VectorTests
{
    private static readonly JsonElement Vectors = Read();

    [Fact]
    public void A_request_signed_by_a_library_of_Standard_Webhooks_is_genuine()
    {
        var vector = Vectors.GetProperty("standard");
        var time = vector.GetProperty("timestamp").GetInt64();
        var headers = new HeaderDictionary { ["webhook-id"] = Text(vector, "id"), ["webhook-timestamp"] = $"{time}", ["webhook-signature"] = Text(vector, "signature") };

        Assert.True(WebhookVerifier.Standard(Text(vector, "secret")).Verify(headers, Utf8(vector, "body"), DateTimeOffset.FromUnixTimeSeconds(time)).IsGenuine);
    }

    [Fact]
    public void A_request_signed_as_the_validator_of_Streem_expects_is_genuine()
    {
        var vector = Vectors.GetProperty("streem");
        var headers = new HeaderDictionary();
        foreach (var header in vector.GetProperty("headers").EnumerateObject())
        {
            headers[header.Name] = header.Value.GetString();
        }

        Assert.True(WebhookVerifier.Streem(Text(vector, "secret")).Verify(headers, Utf8(vector, "body"), Sender.SentAt).IsGenuine);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] Utf8(JsonElement element, string name) => Encoding.UTF8.GetBytes(Text(element, name));

    private static JsonElement Read()
    {
        using var stream = typeof(VectorTests).Assembly.GetManifestResourceStream("signature-vectors.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
