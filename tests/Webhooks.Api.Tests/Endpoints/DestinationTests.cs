using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>destination: from the body of a request to what the queue gets, what the audit shows and what nobody is shown.</summary>
public sealed class DestinationTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Canary = "canary-secret-9";
    private const string Keys = $$"""{"kind":"keys","access_key_id":"AKID","secret_access_key":"{{Canary}}"}""";
    private const string Sqs = $$"""{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/123456789012/orders","access":{{Keys}}}""";
    private const string RabbitMq = $$"""{"kind":"rabbitmq","url":"amqps://mq.example.com/orders","user":"user","password":"{{Canary}}","exchange":"events"}""";

    [Fact]
    public async Task A_test_event_reaches_the_queue_and_is_audited_as_its_attributes()
    {
        await using var receiver = await Receiver.Start();
        receiver.Answer = """{"MessageId":"m-1"}""";
        var customer = await Customer.Of(service);
        var queue = receiver.Url.Replace("/hook", "/123456789012/orders", StringComparison.Ordinal);
        var created = (await customer.Create($$"""
            {"destination":{"kind":"sqs","queue_url":"{{queue}}","region":"eu-west-1","access":{{Keys}} },"headers":[{"name":"X-Tenant","value":"7"}]}
            """)).Expect(201)["webhook"]!;
        var sid = (string)created["sid"]!;
        Assert.Equal((queue, "POST"), ((string?)created["url"], (string?)created["method"]));

        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal((true, 200), ((bool)test["succeeded"]!, (int)test["status_code"]!));
        var request = Assert.Single(receiver.Requests);
        Assert.Equal("AmazonSQS.SendMessage", request.Headers["X-Amz-Target"]);
        var attributes = JsonNode.Parse(request.Body)!["MessageAttributes"]!.AsObject().Select(a => $"{a.Key}: {a.Value!["StringValue"]}").Order(StringComparer.Ordinal);
        Assert.Contains("x-tenant: 7", attributes);
        Assert.Equal(attributes, test["attempt"]!["request_headers"]!.AsArray().Select(h => $"{h!["name"]}: {h["value"]}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Canary, test.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sqs, """{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/123456789012/orders","region":"eu-west-1","access":{"kind":"keys","access_key_id":"AKID","secret_access_key":"[redacted]"},"encoding":"text"}""", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders")]
    [InlineData(RabbitMq, """{"kind":"rabbitmq","url":"amqps://mq.example.com:5671/orders","user":"user","password":"[redacted]","exchange":"events"}""", "amqps://mq.example.com:5671/orders")]
    public async Task What_is_shown_can_be_sent_back_and_holds_no_secret(string destination, string shown, string url)
    {
        var customer = await Customer.Of(service);
        var sid = (string)(await customer.Create($$"""{"destination":{{destination}}}""")).Expect(201)["webhook"]!["sid"]!;
        var webhook = await customer.Webhook(sid);
        Assert.Equal(url, (string?)webhook["url"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(shown), webhook["destination"]), webhook["destination"]!.ToJsonString());

        var again = await customer.Put(sid, $$"""{"url":"{{url}}","destination":{{shown}}}""");
        Assert.Equal((int)webhook["version"]!, (int)again.Expect(200)["webhook"]!["version"]!);
        Assert.Equal("renamed", (string?)(await customer.Patch(sid, """{"label":"renamed"}""")).Expect(200)["webhook"]!["label"]);

        (await customer.Patch(sid, """{"destination":null,"url":"https://hooks.example.com/in"}""")).Expect(200);
        Assert.Null((await customer.Webhook(sid))["destination"]);
        foreach (var path in new[] { $"/v1/webhooks?company_sid={customer.Company}", $"/v1/webhooks/{sid}/history" })
        {
            Assert.DoesNotContain(Canary, (await customer.Get(path)).Text, StringComparison.Ordinal);
        }

        foreach (var sql in new[] { "select string_agg(encode(data, 'escape'), ' ') from es.events", "select string_agg(encode(state, 'escape'), ' ') from read.webhooks" })
        {
            await using var command = service.Database.DataSource.CreateCommand(sql);
            Assert.DoesNotContain(Canary, (string)(await command.ExecuteScalarAsync())!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_changed_secret_is_told_in_the_history_and_not_shown()
    {
        var customer = await Customer.Of(service);
        var sid = (string)(await customer.Create($$"""{"destination":{{Sqs}}}""")).Expect(201)["webhook"]!["sid"]!;
        (await customer.Patch(sid, """{"destination":{"access":{"secret_access_key":"canary-other-9"}}}""")).Expect(200);
        var history = await customer.Get($"/v1/webhooks/{sid}/history");
        var change = Assert.Single(history.Expect(200)["history"]!.AsArray().Last()!["changes"]!.AsArray())!;
        Assert.Equal(("destination", true), ((string?)change["field"], (bool)change["new"]!["value_changed"]!));
        Assert.Equal("[redacted]", (string?)change["new"]!["access"]!["secret_access_key"]);
        Assert.DoesNotContain("canary", history.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_not_kept_for_another_host()
    {
        var customer = await Customer.Of(service);
        var sid = (string)(await customer.Create($$"""{"destination":{{RabbitMq}}}""")).Expect(201)["webhook"]!["sid"]!;
        Assert.Equal(["destination.password destination.redacted"], Errors(await customer.Patch(sid, """{"destination":{"url":"amqps://other.example.com/orders"}}""")));
        (await customer.Patch(sid, """{"destination":{"url":"amqps://other.example.com/orders","password":"new"}}""")).Expect(200);
        (await customer.Patch(sid, """{"destination":{"exchange":"others"}}""")).Expect(200);
    }

    [Fact]
    public async Task A_webhook_moves_to_a_queue_and_from_one_kind_to_another()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        Assert.Equal(["url destination.url"], Errors(await customer.Patch(sid, $$"""{"destination":{{Sqs}}}""")));
        (await customer.Patch(sid, $$"""{"url":null,"destination":{{Sqs}}}""")).Expect(200);
        var webhook = (await customer.Patch(sid, $$"""{"destination":{{RabbitMq}}}""")).Expect(200)["webhook"]!;
        Assert.Equal("amqps://mq.example.com:5671/orders", (string?)webhook["url"]);
    }

    [Theory]
    [InlineData("""{"kind":"kafka"}""", "destination.kind field.value")]
    [InlineData("""{}""", "destination.kind field.required")]
    [InlineData("""{"kind":"sqs","queue_url":"https://queue.example.com/q","access":{"kind":"keys","access_key_id":"A","secret_access_key":"s"}}""", "destination.region field.required")]
    [InlineData("""{"kind":"sqs","queue_url":"orders","access":{"kind":"keys","access_key_id":"A","secret_access_key":"s"}}""", "destination.queue_url url.scheme")]
    [InlineData("""{"kind":"sns","topic_arn":"arn:aws:sqs:eu-west-1:123456789012:orders","access":{"kind":"keys","access_key_id":"A","secret_access_key":"s"}}""", "destination.topic_arn destination.topic_arn")]
    [InlineData("""{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q"}""", "destination.access field.required")]
    [InlineData("""{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q","access":{"kind":"resource"}}""", "destination.access.kind field.value")]
    [InlineData("""{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q","access":{"kind":"keys","access_key_id":"A","secret_access_key":"[redacted]"}}""", "destination.access.secret_access_key destination.redacted")]
    [InlineData("""{"kind":"sns","topic_arn":"arn:aws:sns:eu-west-1:123456789012:t","access":{"kind":"web_identity","role_arn":"arn:aws:iam::123456789012:role/r"}}""", "destination.access destination.web_identity")]
    [InlineData("""{"kind":"sns","topic_arn":"arn:aws:sns:eu-west-1:123456789012:t","queue_url":"x","access":{"kind":"keys","access_key_id":"A","secret_access_key":"s"}}""", "destination.queue_url field.unknown")]
    [InlineData("""{"kind":"rabbitmq","url":"amqps://169.254.169.254","user":"u","password":"p","exchange":"e"}""", "destination.url url.blocked")]
    [InlineData("""{"kind":"rabbitmq","url":"amqps://mq.example.com/a/b","user":"u","password":"p","exchange":"e"}""", "destination.url url.broker")]
    public async Task What_breaks_a_rule_is_refused_by_its_field(string destination, string error) =>
        Assert.Equal([error], Errors(await (await Customer.Of(service)).Create($$"""{"destination":{{destination}}}""")));

    [Fact]
    public async Task What_only_HTTP_has_is_refused_beside_a_queue()
    {
        var customer = await Customer.Of(service);
        Assert.Equal(["auth destination.auth"], Errors(await customer.Create($$"""{"destination":{{Sqs}},"auth":{"kind":"bearer","token":"t"} }""")));
        Assert.Equal(["headers[0].name destination.header_name"], Errors(await customer.Create($$"""{"destination":{{Sqs}},"headers":[{"name":"X+A","value":"7"}]}""")));
        Assert.Equal(["url field.required"], Errors(await customer.Create("""{"destination":null}""")));
    }

    private static IEnumerable<string> Errors(Answer answer) =>
        answer.Expect(422)["errors"]!.AsArray().Select(e => $"{e!["field"]} {e["code"]}");
}
