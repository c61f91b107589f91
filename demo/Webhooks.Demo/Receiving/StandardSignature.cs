using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Demo.Receiving;

/// <summary>What a receiver does to trust a request signed by Standard Webhooks: about twenty lines in any language.</summary>
internal static class StandardSignature
{
    private const string SecretPrefix = "whsec_";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <returns>Null for a genuine request, else why it is none.</returns>
    public static string? Fault(IHeaderDictionary headers, byte[] body, string secret, DateTimeOffset now)
    {
        var (id, timestamp) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
        if (id.Length == 0 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return "id or time is missing";
        }

        if ((now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance)
        {
            return "the time is too far off";
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret[SecretPrefix.Length..]));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(hmac.GetHashAndReset()));

        // While a key is being rotated there are several; one that fits is enough.
        return headers["webhook-signature"].ToString().Split(' ').Any(s => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(s), expected))
            ? null
            : "no signature fits";
    }
}
