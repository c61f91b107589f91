using System.Text;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

public class AuthRulesTests
{
    private static readonly OAuth2ClientCredentials OAuth = new("https://id.example/token", "id", Secret(1), "a b", null);

    [Theory]
    [InlineData("user", "pass", null)]
    [InlineData("", "", null)]
    [InlineData("jürgen", "pä:ss wörd", null)]
    [InlineData("a:b", "pass", "auth.user")]
    [InlineData("a\nb", "pass", "auth.user")]
    [InlineData("user", "pa\u007fss", "auth.password")]
    public void A_user_holds_no_colon_and_nothing_holds_control_characters(string user, string password, string? code) =>
        Assert.Equal(code, AuthRules.Refuse(new BasicAuth(user, Secret(1)), password)?.Code);

    [Theory]
    [InlineData("abc.DEF-_~+/==", null)]
    [InlineData("a b", "auth.token")]
    [InlineData("a\r\nX: y", "auth.token")]
    [InlineData("ä", "auth.token")]
    [InlineData("", "auth.token")]
    public void A_token_is_visible_ascii(string token, string? code) => Assert.Equal(code, AuthRules.Refuse(new BearerAuth(Secret(1)), token)?.Code);

    [Fact]
    public void A_refusal_does_not_quote_the_secret() =>
        Assert.DoesNotContain("hunter2", AuthRules.Refuse(new BearerAuth(Secret(1)), "hunter2 ")!.Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("Authorization", true)]
    [InlineData("AUTHORIZATION", true)]
    [InlineData("X-Authorization", false)]
    public void Auth_and_a_header_authorization_exclude_each_other(string name, bool refused)
    {
        Assert.Equal(refused, AuthRules.RefuseBeside(OAuth, ["X-A", name]) is not null);
        Assert.Null(AuthRules.RefuseBeside(null, [name]));
    }

    [Fact]
    public void The_header_is_written_as_the_specifications_say()
    {
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("jürgen:pä:ss")), new BasicAuth("jürgen", Secret(1)).Authorization("pä:ss"));
        Assert.Equal("Bearer abc", new BearerAuth(Secret(1)).Authorization("abc"));
        Assert.Null(OAuth.Authorization("abc"));
    }

    [Fact]
    public void Every_kind_and_every_way_to_travel_stands_in_the_log_and_comes_back()
    {
        WebhookAuth?[] auths = [new BasicAuth("user", Secret(1)), new BearerAuth(Secret(2)), OAuth, OAuth with { Scope = null, Audience = "x" }, null];
        Transport?[] transports = [null, new(), new(HttpVersionChoice.Http2, BodyCompression.Gzip, false, new ClientCertificate("pem", Secret(3)), "ca")];
        Assert.All(auths.SelectMany(a => transports.Select(t => Configuration with { Auth = a, Transport = t })), configuration =>
        {
            var fact = new WebhookUpdated(configuration);
            Assert.Equal(fact, FactCatalogue.Deserialize("webhook.updated.v1", FactCatalogue.Serialize(fact)));
        });
    }

    [Fact]
    public void Values_in_the_log_have_the_wire_s_names()
    {
        var fact = new WebhookUpdated(Configuration with { Auth = OAuth, Transport = new(HttpVersionChoice.Http2, BodyCompression.Gzip, true) });
        var json = Encoding.UTF8.GetString(FactCatalogue.Serialize(fact));
        Assert.Contains("""
            "auth":{"kind":"oauth2_client_credentials","token_url":"https://id.example/token","client_id":"id","client_secret":"sealed:1","scope":"a b"}
            """, json, StringComparison.Ordinal);
        Assert.Contains("""
            "transport":{"http_version":"2","compression":"gzip","traceparent":true}
            """, json, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_as_by_default_leaves_no_trace_in_the_log() =>
        Assert.DoesNotContain("transport", Encoding.UTF8.GetString(FactCatalogue.Serialize(Created)), StringComparison.Ordinal);

    [Theory]
    [InlineData("traceparent")]
    [InlineData("Tracestate")]
    public void Headers_of_the_trace_are_the_service_s_own(string name) => Assert.Equal("header.reserved", HeaderRules.Refuse(name, "1", false, "h")?.Code);
}
