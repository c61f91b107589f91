using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Amazon's side of Signature Version 4, from the bytes on the wire: it shares nothing with what signs.</summary>
internal static class SigV4Check
{
    /// <param name="request">As it stood on the wire, a byte a character.</param>
    /// <returns>What is wrong with it; null when the signature holds.</returns>
    public static string? Fault(string request, string accessKeyId, string secret, string service)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = request[..end].Split("\r\n");
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToLookup(p => p[0].ToLowerInvariant(), p => p[1]);
        var authorization = headers["authorization"].Single();
        var parts = authorization["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var scope = parts["Credential"].Split('/');
        if (scope is not [var id, var date, var region, var named, "aws4_request"] || id != accessKeyId || named != service)
        {
            return $"The scope is {parts["Credential"]}.";
        }

        var stamp = headers["x-amz-date"].Single();
        if (!stamp.StartsWith(date, StringComparison.Ordinal))
        {
            return "The dates differ.";
        }

        string[] mustBeSigned = ["host", "content-type", "x-amz-date"];
        var signed = parts["SignedHeaders"].Split(';');
        if (mustBeSigned.Except(signed).Any() || !signed.SequenceEqual(signed.Order(StringComparer.Ordinal)))
        {
            return $"Signed are {parts["SignedHeaders"]}.";
        }

        var target = lines[0].Split(' ');
        var text = new StringBuilder().Append(target[0]).Append('\n').Append(target[1]).Append("\n\n");
        foreach (var name in signed)
        {
            text.Append(name).Append(':').Append(string.Join(',', headers[name])).Append('\n');
        }

        text.Append('\n').Append(parts["SignedHeaders"]).Append('\n').Append(Sha256(Encoding.Latin1.GetBytes(request[(end + 4)..])));
        var toSign = $"AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n{Sha256(Encoding.UTF8.GetBytes(text.ToString()))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var step in new[] { date, region, service, "aws4_request", toSign })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Convert.ToHexStringLower(key) == parts["Signature"] ? null : "The signature does not match.";
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
