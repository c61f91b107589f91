using System.Text;
using System.Text.Json;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Tests.Signing;

/// <summary>Vectors made by other implementations, and the small things every test of signatures needs.</summary>
internal static class SigningData
{
    public static readonly JsonElement Vectors = Read("signature-vectors.json");

    public static JsonElement Read(string file)
    {
        using var stream = typeof(SigningData).Assembly.GetManifestResourceStream(file)!;
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 256 });
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static string Value(this EquatableArray<Header> headers, string name) => headers.Single(h => h.Name == name).Value;

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[][] Keys(SignatureScheme scheme, params string[] secrets) => [.. secrets.Select(s => SigningSecret.KeyBytes(scheme, s))];

    /// <summary>A secret of 32 bytes, each <paramref name="fill"/>.</summary>
    public static string Secret(byte fill) => SigningSecret.FromRandom(Enumerable.Repeat(fill, 32).ToArray());
}
