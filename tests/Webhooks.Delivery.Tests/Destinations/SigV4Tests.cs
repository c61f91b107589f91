using System.Text;
using Webhooks.Delivery.Destinations.Aws;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Against the figures of Amazon's published test suite for Signature Version 4: its key, time, region and service.</summary>
public sealed class SigV4Tests
{
    private static readonly AwsCredentials Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly DateTimeOffset At = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    private const string Token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    [Theory]
    [InlineData("post-vanilla", "", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-header-key-sort", "My-Header1", "value1", "", "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("post-x-www-form-urlencoded", "Content-Type", "application/x-www-form-urlencoded", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void A_request_of_the_test_suite_gets_its_published_signature(string name, string header, string value, string body, string signed, string signature)
    {
        Header[] headers = header.Length == 0 ? [] : [new(header, value)];
        Assert.True(
            Authorization(Keys, headers, body) == $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}", name);
    }

    [Fact]
    public void A_session_token_is_signed_as_in_post_sts_header_before() =>
        Assert.EndsWith(
            "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            Authorization(Keys with { SessionToken = Token }, [], ""), StringComparison.Ordinal);

    [Fact]
    public void Blanks_in_a_value_are_signed_as_one() =>
        Assert.Equal(Authorization(Keys, [new("My-Header1", "a b c")], ""), Authorization(Keys, [new("My-Header1", " a   b c ")], ""));

    [Fact]
    public void Credentials_do_not_print_their_secrets() =>
        Assert.DoesNotContain("EXAMPLEKEY", (Keys with { SessionToken = Token }).ToString() + new AwsGrant(Keys), StringComparison.Ordinal);

    private static string Authorization(AwsCredentials credentials, Header[] headers, string body) =>
        SigV4.Sign(credentials, "us-east-1", "service", "example.amazonaws.com", headers, Encoding.UTF8.GetBytes(body), At).Single(h => h.Name == "Authorization").Value;
}
