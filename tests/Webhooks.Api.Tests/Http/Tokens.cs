using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Api.Tests.Http;

/// <summary>Makes tokens as clients do.</summary>
internal static class Tokens
{
    public const string Header = """{"alg":"HS256","typ":"JWT"}""";

    public static string Sign(string secret, string claims, string header = Header)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(text)))}";
    }

    public static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
