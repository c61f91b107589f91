using Webhooks.Api.Http;

namespace Webhooks.Api.Tests.Http;

public class JwtTests
{
    private const string Secret = "secret_abc";

    /// <summary>Made by another implementation.</summary>
    private const string ServerToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzZXJ2ZXIiOnRydWV9.9joUOv4j8Q02ymbX4hpTRKabP2RQ6FbG27FV2uqDIOo";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void A_token_is_judged_by_the_secret_that_signed_it()
    {
        var token = Jwt.Read(ServerToken)!;
        Assert.True(token.IsServer);
        Assert.Equal(JwtVerdict.Valid, token.Judge(Secret, Now));
        Assert.Equal(JwtVerdict.WrongSignature, token.Judge(Secret + "x", Now));
    }

    [Fact]
    public void Nothing_of_it_can_be_changed()
    {
        var parts = ServerToken.Split('.');
        var others = new[]
        {
            $"{Tokens.Encode("""{"typ":"JWT","alg":"HS256"}""")}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{Tokens.Encode("""{"server":true,"iss":"x"}""")}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{Tokens.Encode("short")}",
        };
        Assert.All(others, t => Assert.Equal(JwtVerdict.WrongSignature, Jwt.Read(t)!.Judge(Secret, Now)));
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":"HS512"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":null}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","alg":"none"}""")]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""")]
    [InlineData("""{"alg":"HS256","kid":7}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void Every_algorithm_but_HS256_is_refused_whatever_the_signature(string header) => Assert.Null(Jwt.Read(Tokens.Sign(Secret, "{}", header)));

    [Theory]
    [InlineData("7")]
    [InlineData("""{"exp":"tomorrow"}""")]
    [InlineData("""{"nbf":null}""")]
    [InlineData("""{"iss":7}""")]
    [InlineData("""{"iss":"\ud800"}""")]
    [InlineData("""{"exp":1e999}""")]
    [InlineData("""{"exp":1,"exp":9999999999}""")]
    public void Claims_that_cannot_be_read_make_no_token(string claims) => Assert.Null(Jwt.Read(Tokens.Sign(Secret, claims)));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.+/==")]
    public void What_is_no_token_is_none(string text) => Assert.Null(Jwt.Read(text));

    [Fact]
    public void A_token_has_at_most_4096_characters() => Assert.Null(Jwt.Read(Tokens.Sign(Secret, $$"""{"x":"{{new string('x', Jwt.MaxLength)}}"}""")));

    [Theory]
    [InlineData("""{"exp":1800000000}""", JwtVerdict.Expired)]
    [InlineData("""{"exp":1800000000.5}""", JwtVerdict.Valid)]
    [InlineData("""{"exp":1799999999.9}""", JwtVerdict.Expired)]
    [InlineData("""{"exp":-1}""", JwtVerdict.Expired)]
    [InlineData("""{"exp":1e300}""", JwtVerdict.Valid)]
    [InlineData("""{"nbf":1800000000}""", JwtVerdict.Valid)]
    [InlineData("""{"nbf":1800000001}""", JwtVerdict.NotYetValid)]
    [InlineData("""{"iat":1900000000}""", JwtVerdict.Valid)]
    public void It_holds_from_nbf_until_exp_to_the_moment(string claims, JwtVerdict verdict) => Assert.Equal(verdict, Jwt.Read(Tokens.Sign(Secret, claims))!.Judge(Secret, Now));

    [Fact]
    public void An_expired_token_of_another_secret_is_not_told_that_it_expired() =>
        Assert.Equal(JwtVerdict.WrongSignature, Jwt.Read(Tokens.Sign("other", """{"exp":1}"""))!.Judge(Secret, Now));

    [Theory]
    [InlineData("""{"server":true,"iat":1800000000}""", true)]
    [InlineData("""{"nbf":1799999995,"exp":1800003600,"iat":1799999995}""", true)]
    [InlineData("{}", false)]
    [InlineData("""{"iat":1800000000}""", false)]
    [InlineData("""{"server":"true"}""", false)]
    [InlineData("""{"server":false,"exp":1800003600}""", false)]
    [InlineData("""{"user_id":"john","iat":1800000000}""", false)]
    [InlineData("""{"resource":"*","action":"*","feed_id":"userjohn"}""", false)]
    public void A_backend_says_so_or_nothing_but_times(string claims, bool isServer) => Assert.Equal(isServer, Jwt.Read(Tokens.Sign(Secret, claims))!.IsServer);

    [Fact]
    public void Random_bytes_never_do_more_than_fail()
    {
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            var text = ServerToken.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                text[random.Next(text.Length)] = (char)random.Next(0x21, 0x80);
            }

            var changed = new string(text);
            Assert.True(changed == ServerToken || Jwt.Read(changed)?.Judge(Secret, Now) is null or JwtVerdict.WrongSignature, changed);
        }
    }
}
