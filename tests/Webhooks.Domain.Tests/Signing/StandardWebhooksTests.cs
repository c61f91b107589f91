using System.Security.Cryptography;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class StandardWebhooksTests
{
    private const string Id = "evt_01h455vb4pex5vsknk084sn02q";
    private static readonly DateTimeOffset SentAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void The_vector_of_another_implementation_is_met()
    {
        var vector = Vectors.GetProperty("standard");
        var timestamp = vector.GetProperty("timestamp").GetInt64();

        var headers = RequestSigner.Sign(SignatureScheme.Standard, new SigningInput
        {
            MessageId = vector.Text("id"),
            SentAt = DateTimeOffset.FromUnixTimeSeconds(timestamp),
            Content = Utf8(vector.Text("body")),
            Keys = Keys(SignatureScheme.Standard, vector.Text("secret")),
        });

        Assert.Equal([new Header("webhook-timestamp", $"{timestamp}"), new Header("webhook-signature", vector.Text("signature"))], headers);
    }

    [Fact]
    public void While_a_key_is_rotated_receivers_with_either_secret_accept_and_others_do_not()
    {
        var headers = Sign("""{"a":1}""", Secret(2), Secret(1));

        Assert.True(Accepts(headers, """{"a":1}""", Secret(1)));
        Assert.True(Accepts(headers, """{"a":1}""", Secret(2)));
        Assert.False(Accepts(headers, """{"a":1}""", Secret(3)));
    }

    [Fact]
    public void Signatures_stand_in_the_order_of_the_keys()
    {
        var both = Sign("x", Secret(2), Secret(1)).Value("webhook-signature").Split(' ');

        Assert.Equal([Sign("x", Secret(2)).Value("webhook-signature"), Sign("x", Secret(1)).Value("webhook-signature")], both);
    }

    [Theory]
    [InlineData("")]
    [InlineData("page=2&q=K%C3%B6ln")]
    [InlineData("a body\nof {any} form")]
    public void Any_content_is_signed_as_it_is(string content)
    {
        var headers = Sign(content, Secret(1));

        Assert.True(Accepts(headers, content, Secret(1)));
        Assert.False(Accepts(headers, content + " ", Secret(1)));
    }

    [Fact]
    public void A_body_larger_than_any_small_buffer_is_signed_whole()
    {
        var body = new string('x', 1_000_000);

        Assert.True(Accepts(Sign(body, Secret(1)), body, Secret(1)));
    }

    [Fact]
    public void The_timestamp_is_the_second_that_has_begun() =>
        Assert.Equal("1767323045", Sign("x", Secret(1)).Value("webhook-timestamp"));

    [Theory]
    [InlineData("")]
    [InlineData("evt.1")]
    public void A_message_id_that_is_empty_or_holds_a_dot_is_not_signed(string id) =>
        Assert.Throws<ArgumentException>(() => RequestSigner.Sign(SignatureScheme.Standard, new SigningInput
        {
            MessageId = id,
            SentAt = SentAt,
            Content = [],
            Keys = Keys(SignatureScheme.Standard, Secret(1)),
        }));

    [Theory]
    [InlineData(SignatureScheme.Standard)]
    [InlineData(SignatureScheme.Streem)]
    public void No_request_is_signed_without_a_key(SignatureScheme scheme) =>
        Assert.Throws<ArgumentException>(() => RequestSigner.Sign(scheme, new SigningInput { MessageId = Id, SentAt = SentAt, Content = [], Keys = [] }));

    private static EquatableArray<Header> Sign(string content, params string[] secrets) => RequestSigner.Sign(SignatureScheme.Standard, new SigningInput
    {
        MessageId = Id,
        SentAt = SentAt,
        Content = Utf8(content),
        Keys = Keys(SignatureScheme.Standard, secrets),
    });

    /// <summary>What a receiver does, from the specification: any one signature of the version it knows suffices.</summary>
    private static bool Accepts(EquatableArray<Header> headers, string content, string secret)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var expected = hmac.ComputeHash(Utf8(string.Join('.', Id, headers.Value("webhook-timestamp"), content)));
        return headers.Value("webhook-signature").Split(' ').Select(item => item.Split(',')).Any(item =>
            item is ["v1", var signature] && CryptographicOperations.FixedTimeEquals(expected, Convert.FromBase64String(signature)));
    }
}
