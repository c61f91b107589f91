using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

public class BatchTests(Platform platform) : IClassFixture<Platform>
{
    private Task<Answer> Post(Tenant tenant, string body, params (string, string)[] headers) => platform.Service.Send(HttpMethod.Post, "/v1/events/~batch", body, tenant.Key, headers);

    [Fact]
    public async Task Each_event_is_accepted_or_refused_by_itself()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        await tenant.GivenWebhook(path);
        await tenant.Accepted("a", "1", "known");
        await tenant.Accepted("a", "2", "taken");

        var results = (await Post(tenant, """
            {"events":[{"type":"a","payload":{"n": 0}},{"type":"a"},{"type":"a","payload":1,"id":"known"},{"type":"a","payload":3,"id":"taken"},7,
             {"type":"a","payload":5,"colour":"red"},{"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"a","payload":6},{"type":"b","payload":null}]}
            """)).Expect(200)["results"]!.AsArray();

        Assert.Equal([202, 422, 202, 409, 400, 422, 404, 202], results.Select(r => (int)r!["status"]!));
        Assert.Equal("/problems/request.invalid", (string?)results[1]!["problem"]!["type"]);
        Assert.Equal("payload", (string?)results[1]!["problem"]!["errors"]![0]!["field"]);
        Assert.True((bool?)results[2]!["replayed"]);
        Assert.Equal("/problems/idempotency_key.taken", (string?)results[3]!["problem"]!["type"]);
        Assert.Equal("field.unknown", (string?)results[5]!["problem"]!["errors"]![0]!["code"]);
        Assert.Equal(4, (await tenant.Sids("/v1/events", "events")).Count);
        Assert.Equal("b", (string?)results[7]!["event"]!["type"]);
        await Eventually.Is(() => platform.Receiver.At(path).Count == 4, "the receiver has the four events");
        Assert.Contains("{\"n\": 0}", platform.Receiver.At(path).Select(r => System.Text.Encoding.UTF8.GetString(r.Body)));
    }

    [Fact]
    public async Task A_thousand_events_go_in_one_batch_in_their_order()
    {
        var tenant = await platform.GivenTenant();
        var events = string.Join(",", Enumerable.Range(0, 1000).Select(i => $$"""{"type":"t.{{i}}","payload":{{i}}}"""));
        var results = (await Post(tenant, $$"""{"events":[{{events}}]}""")).Expect(200)["results"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"t.{i}"), results.Select(r => (string?)r!["event"]!["type"]));

        var tooMany = await Post(tenant, $$"""{"events":[{{events}},{"type":"a","payload":0}]}""");
        tooMany.ExpectProblem(422, "request.invalid");
        Assert.Equal(["events field.items"], tooMany.Errors);
    }

    [Fact]
    public async Task One_that_fails_unexpectedly_leaves_the_others_their_answers()
    {
        var tenant = await platform.GivenTenant();
        await using var reject = platform.Service.Database.DataSource.CreateCommand("""
            create function public.reject() returns trigger language plpgsql as $$ begin raise exception 'no such event' using errcode = '23514'; end $$;
            create trigger rejecting before insert on es.payloads for each row when (new.type = 'order.rejected') execute function public.reject();
            """);
        await reject.ExecuteNonQueryAsync();
        var answer = await Post(tenant, """{"events":[{"type":"a","payload":0},{"type":"order.rejected","payload":1},{"type":"b","payload":2}]}""");

        var results = answer.Expect(200)["results"]!.AsArray();
        Assert.Equal([202, 500, 202], results.Select(r => (int)r!["status"]!));
        Assert.Equal(("/problems/internal", answer.Header("Request-Id")), ((string?)results[1]!["problem"]!["type"], (string?)results[1]!["problem"]!["request_id"]));
        Assert.Equal(2, (await tenant.Sids("/v1/events", "events")).Count);
    }

    [Fact]
    public async Task Twins_in_one_batch_are_one_event()
    {
        var tenant = await platform.GivenTenant();
        var results = (await Post(tenant, """{"events":[{"type":"a","payload":1,"id":"x"},{"type":"a","payload":1,"id":"x"},{"type":"a","payload":2,"id":"x"}]}""")).Expect(200)["results"]!.AsArray();
        Assert.Equal([202, 202, 409], results.Select(r => (int)r!["status"]!));
        Assert.Equal(results[0]!["event"]!.ToJsonString(), results[1]!["event"]!.ToJsonString());
    }

    [Theory]
    [InlineData("[]", 400, "json.not_an_object")]
    [InlineData("""{"events":[{"type":"a","payload":1}""", 400, "json.malformed")]
    [InlineData("""{"events":[{"type":"a","payload":1}]}x""", 400, "json.malformed")]
    [InlineData("{}", 422, "request.invalid")]
    [InlineData("""{"events":[]}""", 422, "request.invalid")]
    [InlineData("""{"events":{}}""", 422, "request.invalid")]
    [InlineData("""{"events":[{"type":"a","payload":1}],"events":[]}""", 422, "request.invalid")]
    [InlineData("""{"events":[{"type":"a","payload":1}],"more":1}""", 422, "request.invalid")]
    public async Task A_batch_that_cannot_be_read_changes_nothing(string body, int status, string code)
    {
        var tenant = await platform.GivenTenant();
        (await Post(tenant, body)).ExpectProblem(status, code);
        Assert.Empty(await tenant.Sids("/v1/events", "events"));
    }

    [Fact]
    public async Task Limits_are_named()
    {
        var tenant = await platform.GivenTenant();
        var large = new string('a', Platform.MaxPayloadBytes);
        var results = (await Post(tenant, $$"""{"events":[{"type":"a","payload":"{{large}}"},{"type":"a","payload":1}]}""")).Expect(200)["results"]!.AsArray();
        Assert.Equal([413, 202], results.Select(r => (int)r!["status"]!));
        (await Post(tenant, $$"""{"events":[],"x":"{{new string('a', 16 * 1024 * 1024)}}"}""")).ExpectProblem(413, "body.too_large");
        (await Post(tenant, """{"events":[{"type":"a","payload":1}]}""", ("Idempotency-Key", "x"))).ExpectProblem(400, "header.idempotency_key");
    }
}
