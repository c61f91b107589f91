using System.Collections.Immutable;
using System.Text;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Tests.Routing;

public sealed class MatchingTests
{
    private static readonly SecretSealer Sealer = new(new byte[32]);
    private static readonly byte[] Nothing = "{}"u8.ToArray();
    private int _ids;

    [Fact]
    public void A_tree_of_patterns_finds_what_the_plain_rule_finds()
    {
        var random = new Random(31);
        string[] segments = ["a", "b", "c"];
        string Some(int stars) => string.Join('.', Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(3) < stars ? "*" : segments[random.Next(3)]));
        var webhooks = Enumerable.Range(0, 300).Select(_ => Webhook(types: [.. Enumerable.Range(0, random.Next(3)).Select(_ => Some(1)).Distinct()])).ToList();
        var routing = Routing(webhooks);
        for (var i = 0; i < 2_000; i++)
        {
            var type = Some(0);
            var expected = webhooks.Where(w => w.Configuration.EventTypes.Count == 0 || w.Configuration.EventTypes.Any(t => EventTypePattern.Matches(t, type)));
            Assert.Equal(expected.Select(w => w.Id.Value).Order(), routing.Match(type, default, Nothing).Select(w => w.Id.Value).Order());
        }
    }

    [Fact]
    public void A_webhook_that_names_a_type_and_patterns_that_take_it_matches_once()
    {
        var routing = Routing([Webhook(types: ["user.created", "user.*", "*"])]);
        Assert.Single(routing.Match("user.created", default, Nothing));
        Assert.Single(routing.Match("x", default, Nothing));
    }

    [Fact]
    public void Channels_choose_among_the_webhooks_of_a_type()
    {
        var (all, eu, both, other) = (Webhook(), Webhook(channels: ["eu"]), Webhook(channels: ["eu", "us"]), Webhook(channels: ["us"], types: ["other"]));
        var routing = Routing([all, eu, both, other]);
        Assert.Equal([all], routing.Match("a", default, Nothing));
        Assert.Equal([all, eu, both], routing.Match("a", new[] { "eu" }, Nothing));
        Assert.Equal([all, both], routing.Match("a", new[] { "us" }, Nothing));
        Assert.Equal([all, eu, both], routing.Match("a", new[] { "eu", "us", "none" }, Nothing));
        Assert.Equal([all], routing.Match("a", new[] { "none" }, Nothing));
    }

    [Fact]
    public void Filters_choose_by_the_payload_which_is_not_read_without_one()
    {
        var (all, large) = (Webhook(), Webhook(filter: """{"total":{"$gt":100}}""", types: ["a.*"]));
        var routing = Routing([all, large]);
        Assert.Equal([large, all], routing.Match("a.b", default, Encoding.UTF8.GetBytes("""{"total":101}""")));
        Assert.Equal([all], routing.Match("a.b", default, Encoding.UTF8.GetBytes("""{"total":99}""")));
        Assert.Equal([all], routing.Match("other", default, "not JSON at all"u8.ToArray()));
    }

    [Fact]
    public void What_a_newer_version_wrote_matches_and_does_not_end_the_node()
    {
        var filtered = Webhook(filter: """{"total":{"$newOperator":1}}""");
        var shaped = Webhook(shape: """{"transform":"x"}""");
        var routing = Routing([filtered, shaped]);
        Assert.Equal([true, true], routing.Match("a", default, Nothing).Select(w => w.IsUnreadable));
        Assert.False(Webhook().IsUnreadable);
    }

    [Fact]
    public void Among_a_hundred_thousand_webhooks_an_event_costs_what_matches()
    {
        var webhooks = new List<RoutedWebhook>(100_000);
        for (var i = 0; i < 100_000; i++)
        {
            webhooks.Add((i % 4) switch
            {
                0 => Webhook(types: [$"type{i}.done"]),
                1 => Webhook(types: [$"type{i}.*"]),
                2 => Webhook(types: [$"*.kind{i}.x"]),
                _ => Webhook(types: ["shared.*"], channels: [$"customer-{i}"]),
            });
        }

        var routing = Routing(webhooks);
        Assert.Equal([webhooks[40_000]], routing.Match("type40000.done", default, Nothing));
        Assert.Equal([webhooks[40_001]], routing.Match("type40001.a.b", default, Nothing));
        Assert.Equal([webhooks[40_002]], routing.Match("any.kind40002.x", default, Nothing));
        Assert.Equal([webhooks[40_003]], routing.Match("shared.x", new[] { "customer-40003" }, Nothing));

        // A look at each webhook would allocate or take time in proportion; what one event of a known type costs does neither.
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Single(routing.Match("shared.x", new[] { "customer-40003" }, Nothing));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    private CompanyRouting Routing(IReadOnlyCollection<RoutedWebhook> webhooks) => new(new CompanyId(new Guid(1, 0, 0, new byte[8])), 1, webhooks);

    private RoutedWebhook Webhook(string[]? types = null, string[]? channels = null, string? filter = null, string? shape = null)
    {
        var configuration = new WebhookConfiguration("", "https://hooks.example.com/", "POST", 1000, 1, Array.Empty<CustomHeader>(), types ?? [], SignatureScheme.Standard, null)
        {
            Channels = channels ?? [],
            Filter = filter is null ? null : JsonText.Of(Encoding.UTF8.GetBytes(filter)),
            Shape = shape is null ? null : JsonText.Of(Encoding.UTF8.GetBytes(shape)),
        };
        return new RoutedWebhook(
            new WebhookId(new Guid(++_ids, 0, 0, new byte[8])), 1, new Webhook(WebhookStatus.Active, default, configuration, ImmutableArray<SigningKey>.Empty, null), Sealer);
    }
}
