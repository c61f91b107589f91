using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Tests.Endpoints;

public class UrlRulesTests
{
    private static string? Code(string url, params string[] allow) =>
        AllowedNetworks.TryParse(allow, out var networks, out var problem) ? UrlRules.Refuse(url, networks, "url")?.Code : throw new FormatException(problem);

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("http://example.com/hook?x=1&y=%20")]
    [InlineData("HTTPS://Example.COM/Hook")]
    [InlineData("https://example.com./hook")]
    [InlineData("https://example.com:443/")]
    [InlineData("https://example.com:8443/")]
    [InlineData("https://xn--bcher-kva.example/hook")]
    [InlineData("https://my_service.example/")]
    [InlineData("http://receiver:8080/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://[2606:4700::6810:84e5]:8443/")]
    [InlineData("https://[::ffff:8.8.8.8]/")]
    [InlineData("https://localhost.example.com/")]
    [InlineData("https://internal.example.com/")]
    [InlineData("https://notlocal/")]
    public void A_public_url_is_taken(string url) => Assert.Null(Code(url));

    [Theory]
    [InlineData("example.com/hook")]
    [InlineData("/hook")]
    [InlineData("//example.com/hook")]
    [InlineData("http:example.com")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("ws://example.com/")]
    [InlineData("data:text/plain,x")]
    [InlineData("javascript:alert(1)")]
    public void Only_absolute_http_urls_are_taken(string url) => Assert.Equal("url.scheme", Code(url));

    [Fact]
    public void Plain_http_is_refused_where_tls_is_the_rule()
    {
        Assert.Equal("url.https_only", UrlRules.Refuse("http://example.com/", AllowedNetworks.None, "url", httpsOnly: true)?.Code);
        Assert.Null(UrlRules.Refuse("https://example.com/", AllowedNetworks.None, "url", httpsOnly: true));
    }

    [Fact]
    public void The_length_is_bounded()
    {
        var longest = "https://example.com/".PadRight(UrlRules.MaxLength, 'x');
        Assert.Null(Code(longest));
        Assert.Equal("url.length", Code(longest + "x"));
        Assert.Equal("url.length", Code(""));
    }

    [Theory]
    [InlineData("https://example.com/a b")]
    [InlineData(" https://example.com/")]
    [InlineData("https://example.com/\n")]
    [InlineData("https://example.com/\r\nHost: x")]
    [InlineData("https://exam\tple.com/")]
    [InlineData("https://example.com/\0")]
    [InlineData("https://example.com\\@127.0.0.1/")]
    [InlineData("https://example.com/\u00a0")]
    [InlineData("https://example.com/\u2028")]
    public void Spaces_controls_and_backslashes_are_refused(string url) => Assert.Equal("url.characters", Code(url));

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.Equal("url.characters", Code("https://example.com/" + '\ud800'));

    [Theory]
    [InlineData("http://public@127.0.0.1/")]
    [InlineData("http://a:b@example.com/")]
    [InlineData("http://@example.com/")]
    [InlineData("http://example.com:80@127.0.0.1/")]
    public void User_names_are_refused(string url) => Assert.Equal("url.userinfo", Code(url));

    [Fact]
    public void An_at_sign_in_the_path_is_no_user_name() => Assert.Null(Code("https://example.com/@me?to=a@b.example"));

    [Theory]
    [InlineData("https://example.com/#x")]
    [InlineData("https://example.com#@127.0.0.1")]
    public void Fragments_are_refused(string url) => Assert.Equal("url.fragment", Code(url));

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://10.0.0.1:8080/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[0:0:0:0:0:ffff:7f00:0001]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[fe80::1]/")]
    public void Forbidden_addresses_are_refused_at_once(string url) => Assert.Equal("url.blocked", Code(url));

    [Theory]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://127.0.1/")]
    [InlineData("http://127.000.000.001/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://256.256.256.256/")]
    [InlineData("http://example.0x7f/")]
    [InlineData("http://127。0。0。1/")]
    [InlineData("http://１２７.0.0.1/")]
    [InlineData("http://①②⑦.⓪.⓪.①/")]
    [InlineData("http://8.8.8.010/")]
    [InlineData("http://bücher.example/")]
    [InlineData("http://ехample.com/")]
    [InlineData("http://127%2e0%2e0%2e1/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://[2606:4700::1%251]/")]
    [InlineData("http://exa%6Dple.com/")]
    [InlineData("http://a..b.example/")]
    [InlineData("http://exam!ple.com/")]
    public void A_host_that_two_readers_could_read_differently_is_refused(string url) => Assert.True(Code(url) is "url.host" or "url.scheme", Code(url));

    [Theory]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST/")]
    [InlineData("http://localhost./")]
    [InlineData("http://ｌocalhost/")]
    [InlineData("http://anything.localhost/")]
    [InlineData("http://db.internal/")]
    [InlineData("http://db.internal./")]
    [InlineData("http://printer.local/")]
    [InlineData("http://metadata.google.internal/")]
    [InlineData("http://Metadata.Google.Internal./computeMetadata/v1/")]
    public void Names_of_private_hosts_are_refused(string url) => Assert.True(Code(url) is "url.blocked" or "url.host", Code(url));

    [Theory]
    [InlineData("http://localhost:5000/", "127.0.0.0/8")]
    [InlineData("http://a.localhost:5000/", "::1")]
    [InlineData("http://db.internal/", "10.0.0.0/8")]
    [InlineData("http://host.docker.internal/", "172.17.0.0/16")]
    [InlineData("http://printer.local/", "192.168.0.0/16")]
    [InlineData("http://127.0.0.1:5432/", "127.0.0.0/8")]
    [InlineData("http://10.1.2.3:22/", "10.0.0.0/8")]
    public void An_allowed_network_opens_its_names_and_ports(string url, string cidr) => Assert.Null(Code(url, cidr));

    [Theory]
    [InlineData("http://localhost/", "10.0.0.0/8")]
    [InlineData("http://metadata.google.internal/", "0.0.0.0/0")]
    [InlineData("http://169.254.169.254/", "169.254.0.0/16")]
    [InlineData("http://[fd00:ec2::254]/", "fd00::/8")]
    public void An_allowed_network_does_not_open_the_rest(string url, string cidr) => Assert.Equal("url.blocked", Code(url, cidr));

    [Theory]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(81)]
    [InlineData(1023)]
    [InlineData(5432)]
    [InlineData(6379)]
    [InlineData(2375)]
    [InlineData(9200)]
    public void Ports_of_other_services_are_refused(int port)
    {
        Assert.Equal("url.port", Code($"http://example.com:{port}/"));
        Assert.Equal("url.port", Code($"http://8.8.8.8:{port}/", "10.0.0.0/8"));
        Assert.False(UrlRules.AllowsPort(port));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void Ports_that_do_not_exist_are_not_allowed(int port) => Assert.False(UrlRules.AllowsPort(port));

    [Fact]
    public void A_refusal_names_the_field_and_never_repeats_the_url()
    {
        var refusal = UrlRules.Refuse("http://user:hunter2@example.com/", AllowedNetworks.None, "webhook.url")!;
        Assert.Equal(RefusalKind.Invalid, refusal.Kind);
        Assert.Equal("webhook.url", refusal.Field);
        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
    }
}
