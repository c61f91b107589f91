using System.Security.Cryptography;
using System.Text;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class StreemSignatureTests
{
    private const string Secret = "ClickToVideo Example Signing Key Secret";
    private static readonly DateTimeOffset SentAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void The_vector_of_another_implementation_is_met()
    {
        var vector = Vectors.GetProperty("streem");
        var expected = vector.GetProperty("headers");

        var headers = Sign(Utf8(vector.Text("body")), [new("X-Streem-API-Key-ID", expected.Text("X-Streem-API-Key-ID"), Signed: true)], vector.Text("secret"));

        Assert.Equal(
            [
                new Header("Streem-Sent-At", expected.Text("Streem-Sent-At")),
                new Header("Streem-Signature-Headers", expected.Text("Streem-Signature-Headers")),
                new Header("Streem-Signature", expected.Text("Streem-Signature")),
            ],
            headers);
    }

    [Fact]
    public void Every_key_adds_a_signature_in_order()
    {
        var vector = Vectors.GetProperty("streem_rotation");
        var secrets = vector.GetProperty("secrets").EnumerateArray().Select(s => s.GetString()!).ToArray();
        OpenedHeader[] custom = [new("X-Streem-API-Key-ID", "api_123", Signed: true), new("a-first", "1", Signed: true), new("Unsigned", "2", Signed: false)];

        var headers = Sign("page=2&q=x"u8, custom, secrets);

        Assert.Equal("Streem-Sent-At:a-first:X-Streem-API-Key-ID", headers.Value("Streem-Signature-Headers"));
        Assert.Equal(vector.Text("signature"), headers.Value("Streem-Signature"));
    }

    [Fact]
    public void The_list_holds_nothing_but_signatures_of_64_lower_case_hex_characters()
    {
        var list = Sign("x"u8, [], "a", "b", "c").Value("Streem-Signature");

        Assert.Equal(3, list.Split(',').Length);
        Assert.All(list.Split(','), item => Assert.Matches("^[0-9a-f]{64}$", item));
    }

    [Fact]
    public void Without_signed_headers_the_time_alone_is_named()
    {
        var headers = Sign("x"u8, [new("X-Unsigned", "1", Signed: false)], Secret);

        Assert.Equal("Streem-Sent-At", headers.Value("Streem-Signature-Headers"));
        Assert.True(Accepts(headers, [], "x", Secret));
    }

    [Fact]
    public void Names_are_spelled_as_given_and_sorted_without_regard_to_case()
    {
        OpenedHeader[] custom = [new("x-b", "1", true), new("X-c", "2", true), new("X-A", "3", true)];

        var headers = Sign("x"u8, custom, Secret);

        Assert.Equal("Streem-Sent-At:X-A:x-b:X-c", headers.Value("Streem-Signature-Headers"));
        Assert.True(Accepts(headers, custom, "x", Secret));
    }

    [Theory]
    [InlineData("body")]
    [InlineData("header")]
    [InlineData("secret")]
    public void A_receiver_notices_what_was_changed(string what)
    {
        var headers = Sign("x"u8, [new("X-A", "1", true)], Secret);

        Assert.True(Accepts(headers, [new("X-A", "1", true)], "x", Secret));
        Assert.False(Accepts(headers, [new("X-A", what == "header" ? "2" : "1", true)], what == "body" ? "y" : "x", what == "secret" ? "other" : Secret));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.6789999+00:00", "2026-01-02T03:04:05.678Z")]
    [InlineData("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z")]
    [InlineData("1972-01-01T10:00:20.021Z", "1972-01-01T10:00:20.021Z")]
    public void The_time_is_in_UTC_with_three_digits_of_milliseconds(string time, string expected) =>
        Assert.Equal(expected, StreemSignature.FormatSentAt(DateTimeOffset.Parse(time)));

    private static EquatableArray<Header> Sign(ReadOnlySpan<byte> content, OpenedHeader[] custom, params string[] secrets) => RequestSigner.Sign(SignatureScheme.Streem, new SigningInput
    {
        MessageId = "evt_01h455vb4pex5vsknk084sn02q",
        SentAt = SentAt,
        Content = content,
        Headers = custom,
        Keys = Keys(SignatureScheme.Streem, secrets),
    });

    /// <summary>What a published validator does: it follows the list of names, and compares every item of the list.</summary>
    private static bool Accepts(EquatableArray<Header> headers, OpenedHeader[] custom, string content, string secret)
    {
        var received = headers.Select(h => (h.Name, h.Value)).Concat(custom.Select(h => (h.Name, h.Value))).ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase);
        var input = new StringBuilder();
        foreach (var name in received["streem-signature-headers"].Split(':'))
        {
            input.Append(name).Append('=').Append(received[name]).Append(';');
        }

        using var hmac = new HMACSHA256(Utf8(secret));
        var expected = Convert.ToHexString(hmac.ComputeHash(Utf8(input + content))).ToLowerInvariant();
        return received["streem-signature"].Split(',').Any(item => CryptographicOperations.FixedTimeEquals(Utf8(expected), Utf8(item)));
    }
}
