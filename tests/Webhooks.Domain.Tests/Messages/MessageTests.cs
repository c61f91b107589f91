using Webhooks.Domain.Messages;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Messages;

public class MessageTests
{
    [Fact]
    public void An_emitted_event_names_the_webhooks_it_matched() =>
        GivenMessage().When(Emit(2)).Then(Fact(2, Planned(2)));

    [Fact]
    public void An_event_that_matched_nothing_is_recorded_too() =>
        GivenMessage().When(Emit(0)).Then(Fact(0, []));

    [Fact]
    public void Emitting_the_same_message_again_adds_nothing() =>
        GivenMessage(Fact(2, Planned(2))).When(Emit(2)).ThenNothing();

    [Theory]
    [InlineData(1000, new[] { 1000 })]
    [InlineData(1001, new[] { 1000, 1 })]
    [InlineData(2000, new[] { 1000, 1000 })]
    [InlineData(2500, new[] { 1000, 1000, 500 })]
    public void A_large_fan_out_is_split_over_facts_and_loses_none(int matched, int[] sizes)
    {
        var facts = GivenMessage().When(Emit(matched)).Decision.Facts;
        var emitted = Assert.IsType<EventEmitted>(facts[0]);
        var chunks = facts.Skip(1).Cast<EventFannedOut>().Select(f => f.Deliveries).Prepend(emitted.Deliveries).ToArray();

        Assert.Equal(sizes, chunks.Select(c => c.Count));
        Assert.Equal(Planned(matched), chunks.SelectMany(c => c));
        Assert.Equal(matched, emitted.MatchedWebhooks);
    }

    [Fact]
    public void A_full_fact_stays_below_100_KB() =>
        Assert.All(GivenMessage().When(Emit(2500)).Decision.Facts, f => Assert.InRange(FactCatalogue.Serialize(f).Length, 1, 100_000));

    [Fact]
    public void Emitting_a_split_message_again_adds_nothing() =>
        GivenMessage().After(Emit(2500)).When(Emit(2500)).ThenNothing();

    [Fact]
    public void An_event_type_outside_the_grammar_is_refused() =>
        GivenMessage().When(Emit(1) with { Type = "order created" }).ThenInvalid("type", "event_type.form");

    [Theory]
    [InlineData("order-17")]
    [InlineData("Bestellung № 17")]
    public void An_idempotency_key_is_any_text(string key) =>
        GivenMessage().When(Emit(0) with { IdempotencyKey = key }).Accepted();

    [Theory]
    [InlineData("")]
    [InlineData("a\u0000b")]
    [InlineData("a\r\nb")]
    public void But_not_empty_and_without_control_characters(string key) =>
        GivenMessage().When(Emit(0) with { IdempotencyKey = key }).ThenInvalid("idempotency_key", "event.idempotency_key");

    [Fact]
    public void An_idempotency_key_has_at_most_255_characters()
    {
        GivenMessage().When(Emit(0) with { IdempotencyKey = new string('k', 255) }).Accepted();
        GivenMessage().When(Emit(0) with { IdempotencyKey = new string('k', 256) }).ThenInvalid("idempotency_key", "event.idempotency_key");
        GivenMessage().When(Emit(0) with { IdempotencyKey = null, Fingerprint = null }).Accepted();
    }

    private static EventEmitted Fact(int matched, PlannedDelivery[] deliveries) =>
        new("order.created", Now, 2, Emit(0).Sha256, "order-17", "fp", matched, deliveries);
}
