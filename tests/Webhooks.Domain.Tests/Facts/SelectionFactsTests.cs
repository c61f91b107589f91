using System.Text;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

public sealed class SelectionFactsTests
{
    private static readonly WebhookConfiguration Chosen = Configuration with
    {
        Channels = new[] { "eu", "us" },
        Filter = JsonText.Of("""{ "total" : {"$gt":1.50}, "note":"\u00e9" }"""u8),
        Shape = JsonText.Of("""{"drop":["a"]}"""u8),
    };

    [Fact]
    public void What_a_webhook_chooses_stands_in_its_fact_as_JSON_and_comes_back_the_same()
    {
        var json = Encoding.UTF8.GetString(FactCatalogue.Serialize(new WebhookUpdated(Chosen)));
        Assert.Contains(""""channels":["eu","us"],"filter":{"total":{"$gt":1.50},"note":"\u00e9"},"shape":{"drop":["a"]}"""", json, StringComparison.Ordinal);
        Assert.Equal(new WebhookUpdated(Chosen), FactCatalogue.Deserialize("webhook.updated.v1", Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void The_same_choice_written_with_other_white_space_changes_nothing()
    {
        var webhook = Rules.GivenWebhook(Created).After(new UpdateWebhook(Chosen)).State;
        var again = Chosen with { Filter = JsonText.Of("""{"total":{ "$gt": 1.50 },"note":"\u00e9"}"""u8) };
        Assert.Empty(Webhook.Decide(webhook, new UpdateWebhook(again)).Facts);
        Assert.Single(Webhook.Decide(webhook, new UpdateWebhook(Chosen with { Filter = null })).Facts);
    }

    [Fact]
    public void Channels_stand_in_the_fact_of_an_event_that_has_some()
    {
        var with = Assert.IsType<EventEmitted>(Message.Decide(Message.Unknown, Emit(1) with { Channels = new[] { "eu" } }).Facts[0]);
        var json = Encoding.UTF8.GetString(FactCatalogue.Serialize(with));
        Assert.Contains(""""channels":["eu"]"""", json, StringComparison.Ordinal);
        Assert.Equal(with, FactCatalogue.Deserialize("message.emitted.v1", Encoding.UTF8.GetBytes(json)));
        Assert.DoesNotContain("channels", Encoding.UTF8.GetString(FactCatalogue.Serialize(Message.Decide(Message.Unknown, Emit(1)).Facts[0])), StringComparison.Ordinal);
        Assert.Equal("channel.duplicate", Message.Decide(Message.Unknown, Emit(1) with { Channels = new[] { "eu", "eu" } }).Refusal?.Code);
    }
}
