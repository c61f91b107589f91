using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

public partial class FactCatalogueTests
{
    [Fact]
    public void Every_fact_of_the_domain_has_a_durable_name()
    {
        var facts = typeof(Fact).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Fact)));
        Assert.Equal(facts.Select(t => t.Name).Order(), FactCatalogue.All.Select(f => f.Type.Name).Order());
    }

    [Fact]
    public void Names_say_stream_fact_and_version() =>
        Assert.All(FactCatalogue.All, f => Assert.Matches(DurableName(), f.Name));

    [Fact]
    public void A_name_from_a_newer_version_is_named_in_the_error()
    {
        var unknown = Assert.Throws<UnknownFactException>(() => FactCatalogue.Deserialize("webhook.renamed.v1", "{}"u8));
        Assert.Equal("webhook.renamed.v1", unknown.FactName);
        Assert.Contains("webhook.renamed.v1", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("company.registered.v1", "null")]
    [InlineData("company.registered.v1", "[]")]
    [InlineData("company.registered.v1", "{\"code\":1}")]
    [InlineData("company.registered.v1", "{\"code\":")]
    [InlineData("company.api_key_revoked.v1", "{\"key\":\"wh_00000000000000000000000001\"}")]
    [InlineData("company.api_key_revoked.v1", "{\"key\":1}")]
    [InlineData("webhook.disabled.v1", "{\"reason\":\"bored\"}")]
    [InlineData("delivery.succeeded.v1", "{\"attempt\":{\"response_headers\":[[\"a\"]]}}")]
    [InlineData("delivery.succeeded.v1", "{\"attempt\":{\"response_headers\":[[\"a\",\"b\",\"c\"]]}}")]
    [InlineData("delivery.succeeded.v1", "{\"attempt\":{\"response_headers\":[[1,2]]}}")]
    [InlineData("delivery.succeeded.v1", "{\"attempt\":{\"response_headers\":[\"a\",\"b\"]}}")]
    [InlineData("delivery.resend_requested.v1", "{\"due_at\":\"tomorrow\"}")]
    public void Data_without_the_shape_its_name_promises_is_an_error(string name, string data) =>
        Assert.ThrowsAny<JsonException>(() => FactCatalogue.Deserialize(name, Encoding.UTF8.GetBytes(data)));

    [Theory]
    [InlineData("message.emitted.v1", "idempotency_key")]
    [InlineData("message.emitted.v1", "fingerprint")]
    [InlineData("message.emitted.v1", "deliveries")]
    [InlineData("webhook.created.v1", "configuration/retry_policy")]
    [InlineData("webhook.created.v1", "configuration/headers")]
    [InlineData("webhook.created.v1", "configuration/event_types")]
    [InlineData("delivery.failed.v1", "next_attempt_at")]
    [InlineData("delivery.failed.v1", "attempt/status_code")]
    [InlineData("delivery.failed.v1", "attempt/failure")]
    [InlineData("delivery.failed.v1", "attempt/detail")]
    [InlineData("delivery.failed.v1", "attempt/response_body")]
    [InlineData("delivery.failed.v1", "attempt/response_headers")]
    public void A_fact_is_read_without_its_optional_members(string name, string path)
    {
        var json = JsonNode.Parse(FactCatalogue.Serialize(FactSamples.ByName[name]))!.AsObject();
        var steps = path.Split('/');
        var owner = steps[..^1].Aggregate(json, (node, step) => node[step]!.AsObject());
        Assert.True(owner.Remove(steps[^1]));

        var read = FactCatalogue.Deserialize(name, Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.NotEqual(FactSamples.ByName[name], read);
        Assert.Equal(read, FactCatalogue.Deserialize(name, FactCatalogue.Serialize(read)));
    }

    [Fact]
    public void Members_of_a_newer_version_are_passed_over() =>
        Assert.Equal(new CompanyRegistered("a", "b"), FactCatalogue.Deserialize("company.registered.v1", "{\"code\":\"a\",\"colour\":{\"x\":[1]},\"name\":\"b\"}"u8));

    [Fact]
    public void Members_that_are_null_are_left_out_and_text_stands_as_itself()
    {
        Assert.DoesNotContain("null", Json(Failed(1, null)), StringComparison.Ordinal);
        Assert.Contains("\"a<b>&'ä№\"", Json(new CompanyRegistered("a", "a<b>&'ä№")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Scopes.Emit, "emit")]
    [InlineData(Scopes.Emit | Scopes.Manage | Scopes.Read, "emit, manage, read")]
    [InlineData(Scopes.Admin, "admin")]
    public void Scopes_are_stored_by_name(Scopes scopes, string stored)
    {
        var issued = Key(1, scopes);
        Assert.Contains($"\"scopes\":\"{stored}\"", Json(issued), StringComparison.Ordinal);
        Assert.Equal(issued, FactCatalogue.Deserialize("company.api_key_issued.v1", FactCatalogue.Serialize(issued)));
    }

    [Fact]
    public void Every_retry_policy_keeps_its_kind()
    {
        RetryPolicy?[] policies = [new FixedRetry(3_000), new ScheduleRetry(new long[] { 1, 2 }), new ExponentialRetry(1, 1.5, 9, 0.1), new PresetRetry(RetryPreset.GetStream), WithEveryLimit, null];
        Assert.All(policies, policy =>
        {
            var fact = new WebhookUpdated(Configuration with { RetryPolicy = policy });
            Assert.Equal(fact, FactCatalogue.Deserialize("webhook.updated.v1", FactCatalogue.Serialize(fact)));
        });
    }

    [Fact]
    public void Members_added_since_are_left_out_where_they_say_nothing_and_kept_where_they_do()
    {
        Fact[] facts =
        [
            Failed(1, Now) with { SpentNoAttempt = true, RetryAfterMs = 30_000, SeriesStartedAt = Now },
            new DeliveryExhausted { Reason = ExhaustedReason.MaxAge },
            new CompanySettingsChanged(new CompanySettings()),
            new CompanySettingsChanged(new CompanySettings { DefaultProfile = WebhookProfile.Streem }),
            new CompanySettingsChanged(new CompanySettings { EventCatalogue = CatalogueEnforcement.Schemas }),
        ];
        Assert.All(facts, f => Assert.Equal(f, FactCatalogue.Deserialize(FactCatalogue.NameOf(f), FactCatalogue.Serialize(f))));
        Assert.Contains("\"spent_no_attempt\":true,\"retry_after_ms\":30000,\"series_started_at\":\"2026", Json(facts[0]), StringComparison.Ordinal);
        Assert.Equal("{\"reason\":\"max_age\"}", Json(facts[1]));
        Assert.Equal("{\"settings\":{}}", Json(facts[2]));
        Assert.Equal("{\"settings\":{\"default_profile\":\"streem\"}}", Json(facts[3]));
        Assert.Equal("{\"settings\":{\"event_catalogue\":\"schemas\"}}", Json(facts[4]));
        Assert.DoesNotContain("spent", Json(Failed(1, Now)), StringComparison.Ordinal);
        Assert.Equal("{\"kind\":\"preset\",\"name\":\"aiozstream\"}", JsonSerializer.Serialize(new PresetRetry(RetryPreset.AiozStream), FactJson.Instance.RetryPolicy));
    }

    [Fact]
    public void A_webhook_as_the_read_side_keeps_it_comes_back_the_same()
    {
        var webhook = Rules.GivenWebhook(Created, SigningKey(1)).After(RotateTo(2, TimeSpan.FromHours(1)), new DisableWebhook(DisabledReason.Gone)).State;
        var read = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(webhook, FactJson.Instance.Webhook), FactJson.Instance.Webhook)!;
        Assert.Equal(webhook.Keys, read.Keys.AsEnumerable());
        Assert.Equal(webhook, read with { Keys = webhook.Keys });
    }

    [Fact]
    public void A_sealed_secret_does_not_print_itself() =>
        Assert.DoesNotContain("sealed:", SigningKey(1).ToString() + Created + Configuration.Headers[0], StringComparison.Ordinal);

    private static string Json(Fact fact) => Encoding.UTF8.GetString(FactCatalogue.Serialize(fact));

    [GeneratedRegex(@"^(company|webhook|message|delivery|event_type)\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*$")]
    private static partial Regex DurableName();
}
