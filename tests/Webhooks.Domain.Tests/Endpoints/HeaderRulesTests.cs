using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Tests.Endpoints;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("X-Streem-API-Key-ID", "api_123")]
    [InlineData("Authorization", "Bearer abc.def")]
    [InlineData("Cookie", "a=b; c=d")]
    [InlineData("Accept", "application/json, */*;q=0.8")]
    [InlineData("X-Empty", "")]
    [InlineData("X-Inside", "a \t b")]
    [InlineData("!#$%&'*+-.^_`|~9zZ", "~!\"#")]
    [InlineData("Hostname", "x")]
    [InlineData("X-Webhook-Id", "x")]
    public void A_header_of_the_customers_own_is_allowed(string name, string value) =>
        Assert.Null(HeaderRules.Refuse(name, value, signed: false, "headers[0]"));

    [Theory]
    [InlineData("")]
    [InlineData("X Y")]
    [InlineData("X:Y")]
    [InlineData(":authority")]
    [InlineData("X\r\nHost")]
    [InlineData("X\0")]
    [InlineData("X-Größe")]
    [InlineData("\"X\"")]
    [InlineData("X/Y")]
    public void A_name_is_a_token(string name) => AssertRefused("header.name", "headers[3].name", HeaderRules.Refuse(name, "x", signed: false, "headers[3]"));

    [Theory]
    [InlineData("Host")]
    [InlineData("content-length")]
    [InlineData("Content-Type")]
    [InlineData("Content-Encoding")]
    [InlineData("Transfer-Encoding")]
    [InlineData("CONNECTION")]
    [InlineData("Keep-Alive")]
    [InlineData("te")]
    [InlineData("Trailer")]
    [InlineData("Upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    [InlineData("Expect")]
    [InlineData("Date")]
    [InlineData("User-Agent")]
    [InlineData("Allow")]
    [InlineData("Expires")]
    [InlineData("Last-Modified")]
    [InlineData("webhook-id")]
    [InlineData("Webhook-Attempt")]
    [InlineData("webhook-delivery-id")]
    [InlineData("webhook-event-type")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    [InlineData("STREEM-SENT-AT")]
    [InlineData("Streem-Signature")]
    [InlineData("Streem-Signature-Headers")]
    [InlineData("svix-id")]
    public void What_the_service_or_HTTP_sets_is_reserved(string name) => AssertRefused("header.reserved", "headers[0].name", HeaderRules.Refuse(name, "x", signed: false, "headers[0]"));

    [Theory]
    [InlineData("a\r\nb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\t")]
    [InlineData(" ")]
    [InlineData("\u007f")]
    [InlineData("é")]
    [InlineData("a\u001bb")]
    public void A_value_is_visible_ASCII_with_blanks_inside_only(string value) => AssertRefused("header.value", "headers[2].value", HeaderRules.Refuse("X-A", value, signed: false, "headers[2]"));

    [Fact]
    public void Names_have_256_characters_at_most_and_values_4096()
    {
        Assert.Null(HeaderRules.Refuse(new string('x', 256), new string('x', 4096), signed: true, "h"));
        AssertRefused("header.name", "h.name", HeaderRules.Refuse(new string('x', 257), "x", signed: false, "h"));
        AssertRefused("header.value", "h.value", HeaderRules.Refuse("x", new string('x', 4097), signed: false, "h"));
    }

    [Theory]
    [InlineData("", "header.signed_empty")]
    [InlineData("a;b", "header.signed_semicolon")]
    public void A_signed_value_must_leave_the_signed_text_without_doubt(string value, string code)
    {
        AssertRefused(code, "headers[0].value", HeaderRules.Refuse("X-A", value, signed: true, "headers[0]"));
        Assert.Null(HeaderRules.Refuse("X-A", value, signed: false, "headers[0]"));
    }

    [Fact]
    public void The_first_fault_of_a_list_is_named_by_its_place() =>
        AssertRefused("header.value", "headers[1].value", HeaderRules.RefuseAny([new("X-A", "1", false), new("X-B", "\n", false), new("Host", "", false)], "headers"));

    [Fact]
    public void A_header_stands_once_whatever_its_case() =>
        AssertRefused("header.duplicate", "headers[2].name", HeaderRules.RefuseAny([new("X-A", "1", false), new("X-B", "1", false), new("x-a", "2", false)], "headers"));

    [Fact]
    public void A_webhook_has_50_headers_at_most()
    {
        var headers = Enumerable.Range(0, 51).Select(i => new OpenedHeader($"X-{i}", "1", false)).ToArray();

        Assert.Null(HeaderRules.RefuseAny(headers[..50], "headers"));
        AssertRefused("header.too_many", "headers", HeaderRules.RefuseAny(headers, "headers"));
    }

    [Fact]
    public void A_refusal_does_not_quote_the_value() =>
        Assert.DoesNotContain("canary", HeaderRules.Refuse("X-A", "canary;", signed: true, "h")!.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("Authorization", true)]
    [InlineData("authorization", true)]
    [InlineData("Proxy-Authorization", true)]
    [InlineData("X-Forwarded-Authorization", true)]
    [InlineData("Cookie", true)]
    [InlineData("Set-Cookie", true)]
    [InlineData("X-Auth-Token", true)]
    [InlineData("X-Client-Secret", true)]
    [InlineData("X-Password-Hash", true)]
    [InlineData("X-API-Key", true)]
    [InlineData("X_Api_Key", true)]
    [InlineData("ApiKey", true)]
    [InlineData("x-functions-key", true)]
    [InlineData("Ocp-Apim-Subscription-Key", true)]
    [InlineData("X-Streem-API-Key-ID", false)]
    [InlineData("X-Token-Id", false)]
    [InlineData("Idempotency-Key", false)]
    [InlineData("webhook-signature", false)]
    [InlineData("Content-Type", false)]
    [InlineData("X-Request-Id", false)]
    public void Headers_that_carry_credentials_are_known_by_their_names(string name, bool sensitive) =>
        Assert.Equal(sensitive, HeaderRules.IsSensitive(name));

    private static void AssertRefused(string code, string field, Refusal? refusal) =>
        Assert.Equal((RefusalKind.Invalid, code, field), (refusal!.Kind, refusal.Code, refusal.Field));
}
