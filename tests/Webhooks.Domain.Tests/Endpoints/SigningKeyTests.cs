using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

public class SigningKeyTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void An_added_key_signs_beside_the_others_newest_first()
    {
        OneKey.When(AddKey(2)).Then(SigningKey(2));
        Assert.Equal([2, 1], SigningAt(OneKey.After(AddKey(2)), Now.AddYears(10)));
    }

    [Fact]
    public void Adding_or_rotating_to_a_key_twice_adds_nothing()
    {
        OneKey.When(AddKey(1)).ThenNothing();
        OneKey.When(RotateTo(1, Hour)).ThenNothing();
        OneKey.After(RotateTo(2, Hour)).When(RotateTo(2, Hour, Now.AddHours(2))).ThenNothing();
    }

    [Fact]
    public void A_key_id_is_never_used_for_another_secret_or_label()
    {
        OneKey.When(AddKey(1) with { Secret = Secret(2) }).ThenRefused("signing_key.exists");
        OneKey.When(AddKey(1) with { Label = "other" }).ThenRefused("signing_key.exists");
        OneKey.When(RotateTo(1, Hour) with { Secret = Secret(2) }).ThenRefused("signing_key.exists");
    }

    [Fact]
    public void Two_keys_that_sign_never_share_a_secret()
    {
        OneKey.When(AddKey(2) with { Secret = Secret(1) }).ThenRefused("signing_key.same_secret");
        OneKey.When(RotateTo(2, Hour) with { Secret = Secret(1) }).ThenRefused("signing_key.same_secret");
        OneKey.After(RotateTo(2, Hour)).When(AddKey(3, Now + Hour) with { Secret = Secret(1) }).Then(SigningKey(3) with { Secret = Secret(1) });
    }

    [Fact]
    public void After_a_rotation_the_old_key_signs_until_the_overlap_ends()
    {
        OneKey.When(RotateTo(2, Hour)).Then(new SigningKeyRotated(Id<SigningKeyId>(2), "key 2", Secret(2), Now + Hour));
        var rotated = OneKey.After(RotateTo(2, Hour));
        Assert.Equal([2, 1], SigningAt(rotated, Now + Hour - TimeSpan.FromTicks(1)));
        Assert.Equal([2], SigningAt(rotated, Now + Hour));
    }

    [Fact]
    public void Without_overlap_only_the_new_key_signs() =>
        Assert.Equal([2], SigningAt(OneKey.After(RotateTo(2, TimeSpan.Zero)), Now));

    [Fact]
    public void The_overlap_is_at_most_7_days_and_never_negative()
    {
        OneKey.When(RotateTo(2, TimeSpan.FromDays(7))).Accepted();
        OneKey.When(RotateTo(2, TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1))).ThenInvalid("overlap_seconds", "signing_key.overlap");
        OneKey.When(RotateTo(2, TimeSpan.FromSeconds(-1))).ThenInvalid("overlap_seconds", "signing_key.overlap");
    }

    [Fact]
    public void A_rotation_never_lengthens_the_life_of_a_key_rotated_out_before() =>
        Assert.Equal([3, 2], SigningAt(OneKey.After(RotateTo(2, Hour), RotateTo(3, TimeSpan.FromDays(7))), Now + Hour));

    [Fact]
    public void A_rotation_without_overlap_ends_the_keys_rotated_out_before_too() =>
        Assert.Equal([3], SigningAt(OneKey.After(RotateTo(2, TimeSpan.FromDays(7)), RotateTo(3, TimeSpan.Zero)), Now));

    [Fact]
    public void At_most_10_keys_sign_at_a_time()
    {
        var nine = OneKey.After(Enumerable.Range(2, 8).Select(n => AddKey(n)));
        nine.When(AddKey(10)).Then(SigningKey(10));
        nine.After(AddKey(10)).When(AddKey(11)).ThenRefused("webhook.too_many_signing_keys");
        nine.After(AddKey(10)).When(RotateTo(11, Hour)).ThenRefused("webhook.too_many_signing_keys");
        nine.After(AddKey(10), Retire(4)).When(AddKey(11)).Then(SigningKey(11));
    }

    [Fact]
    public void Keys_in_their_overlap_count_until_they_end()
    {
        var full = OneKey.After(Enumerable.Range(2, 9).Select(n => RotateTo(n, Hour)));
        full.When(RotateTo(11, Hour, Now + Hour - TimeSpan.FromTicks(1))).ThenRefused("webhook.too_many_signing_keys");
        full.When(RotateTo(11, Hour, Now + Hour)).Accepted();
    }

    [Fact]
    public void A_full_webhook_can_still_cut_over_to_a_new_key_at_once()
    {
        var full = OneKey.After(Enumerable.Range(2, 9).Select(n => AddKey(n)));
        Assert.Equal([11], SigningAt(full.After(RotateTo(11, TimeSpan.Zero)), Now));
    }

    [Fact]
    public void Ended_keys_do_not_pile_up()
    {
        var rotatedDaily = OneKey.After(Enumerable.Range(2, 500).Select(n => RotateTo(n, Hour, Now.AddDays(n))));
        Assert.Equal([501, 500], SigningAt(rotatedDaily, Now.AddDays(501)));
        Assert.True(rotatedDaily.State.Keys.Length <= Webhook.MaxSigningKeys);
    }

    [Fact]
    public void A_key_beside_another_current_one_can_be_retired() =>
        OneKey.After(AddKey(2)).When(Retire(1)).Then(new SigningKeyRetired(Id<SigningKeyId>(1)));

    [Fact]
    public void A_retired_key_signs_no_more_and_is_not_found()
    {
        var given = OneKey.After(AddKey(2), Retire(1));
        Assert.Equal([2], SigningAt(given, Now));
        given.When(Retire(1)).ThenRefused("signing_key.not_found", RefusalKind.NotFound);
    }

    [Fact]
    public void The_last_current_key_stays()
    {
        OneKey.When(Retire(1)).ThenRefused("webhook.last_signing_key");
        OneKey.After(RotateTo(2, Hour)).When(Retire(2)).ThenRefused("webhook.last_signing_key");
        OneKey.After(RotateTo(2, Hour)).When(Retire(2, Now.AddDays(1))).ThenRefused("webhook.last_signing_key");
    }

    [Fact]
    public void A_key_on_its_way_out_can_be_retired_before_and_after_its_end()
    {
        var rotated = OneKey.After(RotateTo(2, Hour));
        rotated.When(Retire(1)).Then(new SigningKeyRetired(Id<SigningKeyId>(1)));
        rotated.When(Retire(1, Now.AddDays(1))).Then(new SigningKeyRetired(Id<SigningKeyId>(1)));
    }

    private static Given<Webhook, WebhookCommand, WebhookFact> OneKey => GivenWebhook(Created, SigningKey(1));

    private static IEnumerable<int> SigningAt(Given<Webhook, WebhookCommand, WebhookFact> given, DateTimeOffset at) =>
        given.State.Keys.Where(k => k.SignsAt(at)).Select(k => int.Parse(k.Label.AsSpan(4)));
}
