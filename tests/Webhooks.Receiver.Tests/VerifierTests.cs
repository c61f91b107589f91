using System.Text;
using Microsoft.AspNetCore.Http;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

/// <summary>What holds for every scheme, against requests made by the service's signer.</summary>
public sealed class VerifierTests
{
    public static TheoryData<string> All => [.. SchemeNames];

    public static TheoryData<string, int> Timed => new()
    {
        { "standard", 300 }, { "svix", 300 }, { "streem", 5 }, { "stripe", 300 }, { "hook0", 300 },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void A_request_of_the_service_is_genuine(string scheme) =>
        Assert.Equal(new Verification(null).Fault, Sign(scheme, SentAt, Secret).VerifyWith(Verifier(scheme, Secret), SentAt).Fault);

    [Theory]
    [MemberData(nameof(All))]
    public void An_empty_body_and_a_query_string_are_verified_as_a_body_is(string scheme)
    {
        Assert.True(Sign(scheme, SentAt, [], Secret).VerifyWith(Verifier(scheme, Secret), SentAt).IsGenuine);
        Assert.True(Get(scheme, SentAt, "page=2&q=%C3%B6", Secret).VerifyWith(Verifier(scheme, Secret), SentAt).IsGenuine);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_body_of_which_one_bit_was_changed_is_noticed(string scheme)
    {
        var sent = Sign(scheme, SentAt, Secret);
        for (var i = 0; i < sent.Content.Length; i++)
        {
            var content = sent.Content.ToArray();
            content[i] ^= 1;
            Assert.Equal(WebhookFault.SignatureMismatch, (sent with { Content = content }).VerifyWith(Verifier(scheme, Secret), SentAt).Fault);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_body_that_is_longer_or_shorter_is_noticed(string scheme)
    {
        var sent = Sign(scheme, SentAt, Secret);

        Assert.Equal(WebhookFault.SignatureMismatch, (sent with { Content = [.. sent.Content, 0] }).VerifyWith(Verifier(scheme, Secret), SentAt).Fault);
        Assert.Equal(WebhookFault.SignatureMismatch, (sent with { Content = sent.Content[..^1] }).VerifyWith(Verifier(scheme, Secret), SentAt).Fault);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Another_key_fits_nothing(string scheme) =>
        Assert.Equal(WebhookFault.SignatureMismatch, Sign(scheme, SentAt, OtherSecret).VerifyWith(Verifier(scheme, Secret), SentAt).Fault);

    [Theory]
    [MemberData(nameof(All))]
    public void While_a_key_is_rotated_the_old_one_and_the_new_one_fit(string scheme)
    {
        var both = Verifier(scheme, Secret, OtherSecret);

        Assert.True(Sign(scheme, SentAt, Secret).VerifyWith(both, SentAt).IsGenuine);
        Assert.True(Sign(scheme, SentAt, OtherSecret).VerifyWith(both, SentAt).IsGenuine);
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("svix")]
    [InlineData("streem")]
    [InlineData("stripe")]
    public void Of_several_signatures_one_that_fits_is_enough(string scheme)
    {
        var sent = Sign(scheme, SentAt, OtherSecret, Secret);

        Assert.True(sent.VerifyWith(Verifier(scheme, Secret), SentAt).IsGenuine);
        Assert.True(sent.VerifyWith(Verifier(scheme, OtherSecret), SentAt).IsGenuine);
    }

    [Theory]
    [MemberData(nameof(Timed))]
    public void The_tolerance_holds_in_both_directions_and_its_end_is_within(string scheme, int seconds)
    {
        var signed = scheme == "streem" ? SentAt : DateTimeOffset.FromUnixTimeSeconds(SentAt.ToUnixTimeSeconds());
        var (sent, verifier, tolerance) = (Sign(scheme, signed, Secret), Verifier(scheme, Secret), TimeSpan.FromSeconds(seconds));

        Assert.True(sent.VerifyWith(verifier, signed + tolerance).IsGenuine);
        Assert.True(sent.VerifyWith(verifier, signed - tolerance).IsGenuine);
        Assert.Equal(WebhookFault.TooOld, sent.VerifyWith(verifier, signed + tolerance + TimeSpan.FromMilliseconds(1)).Fault);
        Assert.Equal(WebhookFault.TooNew, sent.VerifyWith(verifier, signed - tolerance - TimeSpan.FromMilliseconds(1)).Fault);
        Assert.True(sent.VerifyWith(verifier.Within(TimeSpan.FromDays(1)), signed + TimeSpan.FromHours(20)).IsGenuine);
        Assert.Equal(signed, sent.VerifyWith(verifier, signed).SentAt);
    }

    [Theory]
    [InlineData("getstream")]
    [InlineData("github")]
    [InlineData("shopify")]
    public void Where_no_time_is_signed_none_is_judged(string scheme)
    {
        var verification = Sign(scheme, SentAt, Secret).VerifyWith(Verifier(scheme, Secret), SentAt.AddYears(1));

        Assert.True(verification.IsGenuine);
        Assert.Null(verification.SentAt);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_request_without_the_schemes_headers_says_which_is_missing(string scheme)
    {
        var verification = Verifier(scheme, Secret).Verify(new HeaderDictionary(), Body, SentAt);

        Assert.Equal(WebhookFault.HeaderMissing, verification.Fault);
        Assert.NotNull(verification.Header);
        Assert.Null(verification.Id);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_signature_that_stands_there_twice_is_refused(string scheme)
    {
        var sent = Sign(scheme, SentAt, Secret);
        var header = Sign(scheme, SentAt, Secret).VerifyWith(Verifier(scheme, OtherSecret), SentAt).Header!;
        var twice = sent with { Headers = [.. sent.Headers, (header, sent.Value(header))] };

        Assert.Equal((WebhookFault.HeaderMalformed, header), (twice.VerifyWith(Verifier(scheme, Secret), SentAt).Fault!.Value, twice.VerifyWith(Verifier(scheme, Secret), SentAt).Header));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_id_is_the_same_in_every_attempt(string scheme)
    {
        var first = Sign(scheme, SentAt, Secret).VerifyWith(Verifier(scheme, Secret), SentAt);
        var second = Sign(scheme, SentAt.AddHours(1), Secret).VerifyWith(Verifier(scheme, Secret), SentAt.AddHours(1));

        Assert.NotNull(first.Id);
        Assert.Equal(first.Id, second.Id);
    }

    /// <summary>Whatever strangers send is answered, never thrown at; the seed makes it the same every time.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void No_header_makes_verification_throw(string scheme)
    {
        const string Characters = "v1a,= t:;.-+/0aF9éß\u2028 \u0000";
        var random = new Random(17);
        var (sent, verifier) = (Sign(scheme, SentAt, Secret), Verifier(scheme, Secret));
        for (var i = 0; i < 2_000; i++)
        {
            var (name, value) = sent.Headers[random.Next(sent.Headers.Length)];
            var text = new StringBuilder(value);
            for (var edit = random.Next(1, 6); edit > 0; edit--)
            {
                var at = random.Next(text.Length + 1);
                text.Remove(at, Math.Min(random.Next(3), text.Length - at)).Insert(at, Characters[random.Next(Characters.Length)]);
            }

            // That it does not throw is what is shown; an unsigned header may change without a fault.
            Assert.NotNull(sent.With(name, text.ToString()).VerifyWith(verifier, SentAt));
        }
    }

    [Fact]
    public void Either_of_two_schemes_is_accepted_while_a_sender_moves()
    {
        var either = WebhookVerifier.Streem(OtherSecret).Or(WebhookVerifier.Standard(Secret));

        Assert.True(Sign("streem", SentAt, OtherSecret).VerifyWith(either, SentAt).IsGenuine);
        Assert.True(Sign("standard", SentAt, Secret).VerifyWith(either, SentAt).IsGenuine);
        Assert.False(Sign("standard", SentAt, OtherSecret).VerifyWith(either, SentAt).IsGenuine);
    }

    [Fact]
    public void Of_two_schemes_the_one_whose_headers_are_there_says_what_is_wrong()
    {
        var either = WebhookVerifier.Streem(Secret).Or(WebhookVerifier.Standard(Secret));

        Assert.Equal(WebhookFault.TooOld, Sign("standard", SentAt, Secret).VerifyWith(either, SentAt.AddHours(1)).Fault);
        Assert.Equal(WebhookFault.TooOld, Sign("streem", SentAt, Secret).VerifyWith(either, SentAt.AddHours(1)).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("canary")]
    [InlineData("whsec_Y2FuYXJ5")]
    [InlineData("whsec_canary-not-base64!")]
    [InlineData("whpk_Y2FuYXJ5")]
    [InlineData("whpk_AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("whsk_canary")]
    public void A_key_of_another_form_is_refused_and_not_quoted(string key)
    {
        var e = Assert.ThrowsAny<SystemException>(() => WebhookVerifier.Standard(key));

        Assert.DoesNotContain("canary", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Y2Fu", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Without_a_key_nothing_could_be_genuine_so_there_is_no_verifier(string scheme)
    {
        Assert.ThrowsAny<ArgumentException>(() => Verifier(scheme));
        Assert.ThrowsAny<ArgumentException>(() => Verifier(scheme, ""));
    }

    [Fact]
    public void A_tolerance_is_above_zero() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WebhookVerifier.Standard(Secret).Within(TimeSpan.Zero));
}
