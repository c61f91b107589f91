using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Messages;

public class IdempotencyTests(Platform platform) : IClassFixture<Platform>
{
    private const string Body = """{"type":"order.paid","payload":{"order":4711}}""";

    [Fact]
    public async Task The_same_key_and_body_get_the_same_answer()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        var first = await tenant.Emit(Body, ("Idempotency-Key", "order-1"));
        var second = await tenant.Emit(Body, ("Idempotency-Key", "order-1"));

        Assert.Equal(202, second.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Header("Location"), second.Header("Location"));
        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        Assert.Single(await tenant.Sids("/v1/events", "events"));
        Assert.Equal("order-1", (string?)(await tenant.Get(first.Header("Location")!)).Expect(200)["event"]!["id"]);
    }

    [Fact]
    public async Task The_id_in_the_body_is_the_same_key()
    {
        var tenant = await platform.GivenTenant();
        var first = await tenant.Emit(Body, ("Idempotency-Key", "order-1"));
        var second = await tenant.Emit("""{"id":"order-1","type":"order.paid","payload":{"order":4711}}""");
        Assert.Equal(first.Text, second.Text);
        var both = await tenant.Emit("""{"id":"order-1","type":"order.paid","payload":{"order":4711}}""", ("Idempotency-Key", "order-1"));
        Assert.Equal(first.Text, both.Text);
        (await tenant.Emit("""{"id":"order-2","type":"order.paid","payload":{"order":4711}}""", ("Idempotency-Key", "order-1"))).ExpectProblem(422, "idempotency_key.differs");
    }

    [Theory]
    [InlineData("""{"type":"order.paid","payload":{"order":4712}}""")]
    [InlineData("""{"type":"order.paid","payload":{"order": 4711}}""")]
    [InlineData("""{"type":"order.lost","payload":{"order":4711}}""")]
    public async Task The_same_key_with_another_body_is_refused(string other)
    {
        var tenant = await platform.GivenTenant();
        (await tenant.Emit(Body, ("Idempotency-Key", "order-1"))).Expect(202);
        (await tenant.Emit(other, ("Idempotency-Key", "order-1"))).ExpectProblem(409, "idempotency_key.taken");
        Assert.Single(await tenant.Sids("/v1/events", "events"));
    }

    [Fact]
    public async Task Keys_of_two_companies_do_not_meet()
    {
        var first = await (await platform.GivenTenant()).Emit(Body, ("Idempotency-Key", "order-1"));
        var second = await (await platform.GivenTenant()).Emit(Body, ("Idempotency-Key", "order-1"));
        Assert.NotEqual((string?)first.Expect(202)["event"]!["sid"], (string?)second.Expect(202)["event"]!["sid"]);
    }

    [Fact]
    public async Task Fifty_requests_at_once_with_one_key_make_one_event()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        await tenant.GivenWebhook(path);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => tenant.Emit(Body, ("Idempotency-Key", "order-1"))));

        Assert.Single(answers.Select(a => a.Text).Distinct());
        Assert.All(answers, a => Assert.Equal(202, a.Status));
        Assert.Equal(49, answers.Count(a => a.Header("Idempotent-Replayed") == "true"));
        await tenant.Delivery(JsonNode.Parse(answers[0].Text)!["event"]!, "succeeded");
        Assert.Single(platform.Receiver.At(path));
        Assert.Single(await tenant.Sids("/v1/events", "events"));
    }

    [Fact]
    public async Task A_key_is_known_after_a_restart()
    {
        await using var own = new Platform();
        await own.InitializeAsync();
        var tenant = await own.GivenTenant();
        var first = await tenant.Emit(Body, ("Idempotency-Key", "order-1"));
        first.Expect(202);
        await own.Service.Restart();
        var second = await tenant.Emit(Body, ("Idempotency-Key", "order-1"));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        (await tenant.Emit("""{"type":"order.lost","payload":0}""", ("Idempotency-Key", "order-1"))).ExpectProblem(409, "idempotency_key.taken");
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("")]
    [InlineData("256")]
    public async Task A_key_in_another_form_is_refused(string key)
    {
        key = key == "256" ? new string('k', 256) : key;
        var tenant = await platform.GivenTenant();
        (await tenant.Emit(Body, ("Idempotency-Key", key))).ExpectProblem(400, "header.idempotency_key");
        var inBody = await tenant.Emit($$"""{"id":"{{key}}","type":"a","payload":1}""");
        inBody.ExpectProblem(422, "request.invalid");
        Assert.Equal(["id idempotency_key.form"], inBody.Errors);
    }
}
