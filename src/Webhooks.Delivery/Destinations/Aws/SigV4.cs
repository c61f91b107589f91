using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>
/// Amazon's Signature Version 4, for what queues and topics need: a POST to the root, its whole body known and every
/// header signed ("Create a signed AWS API request", IAM User Guide).
/// </summary>
internal static partial class SigV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <param name="host">As the header Host carries it: with the port where it is not the scheme's own.</param>
    /// <param name="headers">Beside Host.</param>
    /// <param name="at">The wall clock: Amazon allows five minutes.</param>
    /// <returns>The headers, then X-Amz-Date, X-Amz-Security-Token where there is one, and Authorization.</returns>
    public static List<Header> Sign(AwsCredentials credentials, string region, string service, string host, IReadOnlyList<Header> headers, ReadOnlySpan<byte> body, DateTimeOffset at)
    {
        var time = at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var date = time[..8];
        var signed = new List<Header>(headers) { new("X-Amz-Date", time) };
        if (credentials.SessionToken is { } token)
        {
            signed.Add(new("X-Amz-Security-Token", token));
        }

        var canonical = signed.Append(new("Host", host))
            .Select(h => (Name: h.Name.ToLowerInvariant(), Value: Blanks().Replace(h.Value.Trim(), " ")))
            .OrderBy(h => h.Name, StringComparer.Ordinal)
            .ToArray();
        var names = string.Join(';', canonical.Select(h => h.Name));
        var request = $"POST\n/\n\n{string.Concat(canonical.Select(h => $"{h.Name}:{h.Value}\n"))}\n{names}\n{Hex(SHA256.HashData(body))}";
        var scope = $"{date}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";

        var key = Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes($"AWS4{credentials.SecretAccessKey}"), date), region), service), "aws4_request");
        signed.Add(new("Authorization", $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={Hex(Mac(key, text))}"));
        return signed;
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
