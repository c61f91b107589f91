using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Demo.Receiving;

/// <summary>What a receiver does to trust a request signed the way of Streem, which covers chosen headers too.</summary>
internal static class StreemSignature
{
    private const string SentAt = "Streem-Sent-At";

    /// <summary>That of the vendor's validator.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <returns>Null for a genuine request, else why it is none.</returns>
    public static string? Fault(IHeaderDictionary headers, byte[] body, string secret, DateTimeOffset now)
    {
        var sentAt = headers[SentAt].ToString();
        var names = headers["Streem-Signature-Headers"].ToString().Split(':');
        if (!DateTimeOffset.TryParse(sentAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || !names.Contains(SentAt))
        {
            return "the time is missing, or not signed";
        }

        if ((now - time).Duration() > Tolerance)
        {
            return "the time is too far off";
        }

        var signedHeaders = string.Concat(names.Select(name => $"{name}={headers[name]};"));
        byte[] signed = [.. Encoding.UTF8.GetBytes(signedHeaders), .. body];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        if (!headers["Streem-Signature"].ToString().Split(',').Any(s => Fits(s, expected)))
        {
            return "no signature fits";
        }

        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("sent_at").GetString() == sentAt ? null : "header and body name different times";
    }

    private static bool Fits(string signature, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected)));
}
