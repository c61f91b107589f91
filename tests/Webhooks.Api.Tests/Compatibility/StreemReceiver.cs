using System.Security.Cryptography;
using System.Text;
using Webhooks.Api.Tests.Endpoints;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>What the validators that Streem has published do with a request.</summary>
internal static class StreemReceiver
{
    /// <summary>
    /// The names are looked up whatever their case and spelled as listed; every item of the list is compared, and one of
    /// another length than 64 would throw.
    /// </summary>
    public static bool Accepts(ReceivedRequest request, string secret, string? content = null)
    {
        var input = new StringBuilder();
        foreach (var name in request.Headers["streem-signature-headers"].Split(':'))
        {
            Assert.True(request.Headers.TryGetValue(name, out var value) && value.Length > 0, $"Header {name} is missing");
            input.Append(name).Append('=').Append(value).Append(';');
        }

        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(input + (content ?? request.Body))));
        var items = request.Headers["streem-signature"].Split(',');
        Assert.All(items, item => Assert.Matches("^[0-9a-f]{64}$", item));
        return items.Contains(expected);
    }
}
