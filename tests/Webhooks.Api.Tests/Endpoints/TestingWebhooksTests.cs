using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>~test against a receiver that really listens, or really does not.</summary>
public sealed class TestingWebhooksTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_test_event_reaches_the_webhook_and_the_answer_says_how_it_went(string verb)
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"label\":\"Media\",\"event_types\":[\"only.this\"]", receiver.Url);
        var other = await customer.GivenWebhook(url: receiver.Url);

        var test = (await service.Send(new HttpMethod(verb), $"/v1/webhooks/{sid}/~test", (string?)null, customer.Manager)).Expect(200)["test"]!;
        Assert.Equal((true, "succeeded", 200), ((bool)test["succeeded"]!, (string?)test["status"], (int)test["status_code"]!));
        Assert.Null(test["error_class"]);
        Assert.True((double)test["duration_ms"]! > 0);
        Assert.Equal(("ok", receiver.Url), ((string?)test["attempt"]!["response_body"], (string?)test["attempt"]!["request_url"]));

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(("POST", "webhook.test"), (request.Method, request.Headers["webhook-event-type"]));
        Assert.Equal(((string?)test["event_sid"], (string?)test["delivery_sid"]), (request.Headers["webhook-id"], request.Headers["webhook-delivery-id"]));
        Assert.StartsWith("v1,", request.Headers["webhook-signature"], StringComparison.Ordinal);
        Assert.Equal((sid, "Media"), ((string?)JsonNode.Parse(request.Body)!["webhook"]!["sid"], (string?)JsonNode.Parse(request.Body)!["webhook"]!["label"]));
        Assert.NotEqual(other, sid);
    }

    [Fact]
    public async Task A_receiver_that_answers_500_shows_in_the_outcome_and_is_not_tried_again()
    {
        await using var receiver = await Receiver.Start();
        (receiver.Status, receiver.Answer) = (500, "broken");
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"retry_policy\":{\"kind\":\"fixed\",\"interval_ms\":1}", receiver.Url);

        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal((false, "exhausted", 500, "status"), ((bool)test["succeeded"]!, (string?)test["status"], (int)test["status_code"]!, (string?)test["error_class"]));
        Assert.Equal("broken", (string?)test["attempt"]!["response_body"]);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_receiver_that_does_not_listen_shows_as_connect()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(url: $"http://127.0.0.1:{FreePort.Find()}/");
        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal((false, "connect"), ((bool)test["succeeded"]!, (string?)test["error_class"]));
        Assert.Null(test["status_code"]);
    }

    [Fact]
    public async Task An_address_that_was_allowed_when_it_was_registered_is_still_judged_when_it_is_dialled()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        await Move(sid, "http://10.1.2.3/");

        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal((false, "blocked"), ((bool)test["succeeded"]!, (string?)test["error_class"]));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_shows_as_timeout()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"timeout_ms\":100", $"http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}/");
        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal((false, "timeout"), ((bool)test["succeeded"]!, (string?)test["error_class"]));
    }

    [Fact]
    public async Task A_disabled_webhook_is_tested_all_the_same()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(url: receiver.Url);
        (await customer.Post($"/v1/webhooks/{sid}/~disable")).Expect(200);
        Assert.True((bool)(await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["succeeded"]!);
    }

    [Fact]
    public async Task The_scheme_streem_wraps_the_test_event_too()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"signature_scheme\":\"streem\"", receiver.Url);
        Assert.True((bool)(await customer.Get($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["succeeded"]!);

        var request = Assert.Single(receiver.Requests);
        Assert.Matches("^[0-9a-f]{64}$", request.Headers["Streem-Signature"]);
        Assert.Equal("webhook.test", (string?)JsonNode.Parse(request.Body)!["event"]!["event_type"]);
    }

    /// <summary>As if the operator had allowed the network when the webhook was registered.</summary>
    private async Task Move(string sid, string url)
    {
        var id = Sid.Parse<WebhookId>(sid);
        var store = service.Services.GetRequiredService<PostgresEventStore>();
        await using var session = await store.OpenSession(CancellationToken.None);
        var webhook = await session.FetchForWriting<Webhook, WebhookFact>(id.Value, Webhook.Unknown, Webhook.Evolve, CancellationToken.None);
        var decision = Webhook.Decide(webhook.State, new UpdateWebhook(webhook.State.Configuration! with { Url = url }));
        session.Append(id.Value, webhook.Version, decision.Facts, new FactMeta(webhook.State.Company, null, Guid.CreateVersion7()));
        Assert.IsType<SaveResult.Saved>(await session.SaveChanges(CancellationToken.None));
    }
}
