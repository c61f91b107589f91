using System.Globalization;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Messages;

public class ScheduledEventsTests(Platform platform) : IClassFixture<Platform>
{
    private static string In(TimeSpan time) => DateTimeOffset.UtcNow.Add(time).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static DateTimeOffset Time(JsonNode? json) => DateTimeOffset.Parse((string)json!, CultureInfo.InvariantCulture);

    private static Task<Answer> Emit(Tenant tenant, string deliverAt) => tenant.Emit($$"""{"type":"a","payload":1,"deliver_at":"{{deliverAt}}"}""");

    private static Task<Answer> Cancel(Tenant tenant, JsonNode e) => tenant.Platform.Service.Post($"/v1/events/{(string?)e["sid"]}/~cancel", null, tenant.Key);

    private static async Task<JsonNode> Shown(Tenant tenant, JsonNode e) => (await tenant.Get($"/v1/events/{(string?)e["sid"]}")).Expect(200)["event"]!;

    [Fact]
    public async Task Until_it_is_due_it_is_shown_as_scheduled()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        await tenant.GivenWebhook(path);
        var due = In(TimeSpan.FromHours(1));
        var e = (await Emit(tenant, due)).Expect(202)["event"]!;
        Assert.Equal(due, (string?)e["deliver_at"]);
        var shown = await Shown(tenant, e);
        Assert.Equal((due, "scheduled"), ((string?)shown["deliver_at"], (string?)shown["status"]));
        var delivery = await tenant.Delivery(e, "pending");
        Assert.Equal(due, (string?)delivery["next_attempt_at"]);
        Assert.Empty(platform.Receiver.At(path));
        (await platform.Service.Post($"/v1/deliveries/{(string?)delivery["sid"]}/~retry", null, tenant.Key)).ExpectProblem(409, "delivery.scheduled");
    }

    [Fact]
    public async Task When_it_is_due_it_is_sent_and_shown_as_released()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        string due;
        JsonNode e;
        do
        {
            // On a machine that stood still it was due before the service saw it, and is not scheduled.
            due = In(TimeSpan.FromSeconds(2));
            e = (await Emit(tenant, due)).Expect(202)["event"]!;
        }
        while (e["deliver_at"] is null && Time(due) < DateTimeOffset.UtcNow);

        Assert.Equal(due, (string?)e["deliver_at"]);
        var attempt = (await tenant.Delivery(e, "succeeded"))["attempts"]!.AsArray().Single()!;
        Assert.InRange(Time(attempt["started_at"]), Time(due), DateTimeOffset.MaxValue);
        Assert.Equal("released", (string?)(await Shown(tenant, e))["status"]);
        (await Cancel(tenant, e)).ExpectProblem(409, "event.due");
    }

    [Fact]
    public async Task Cancelled_in_time_it_stays_cancelled()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        await tenant.GivenWebhook(path);
        var e = (await Emit(tenant, In(TimeSpan.FromDays(366) - TimeSpan.FromMinutes(1)))).Expect(202)["event"]!;
        Assert.Equal("cancelled", (string?)(await Cancel(tenant, e)).Expect(200)["event"]!["status"]);
        Assert.Equal("cancelled", (string?)(await Cancel(tenant, e)).Expect(200)["event"]!["status"]);
        await tenant.Delivery(e, "cancelled");
        Assert.Equal(["cancelled"], (await tenant.List("/v1/deliveries"))["deliveries"]!.AsArray().Select(d => (string)d!["status"]!));
        Assert.Equal((string?)e["deliver_at"], (string?)(await tenant.List("/v1/events"))["events"]![0]!["deliver_at"]);
    }

    [Fact]
    public async Task An_event_that_went_at_once_another_companys_and_none_at_all_cannot_be_cancelled()
    {
        var tenant = await platform.GivenTenant();
        var e = await tenant.Accepted("a", "1");
        (await Cancel(tenant, e)).ExpectProblem(409, "event.not_scheduled");
        (await Cancel(await platform.GivenTenant(), e)).ExpectProblem(404, "event.not_found");
        (await platform.Service.Post("/v1/events/evt_x/~cancel", null, tenant.Key)).ExpectProblem(404, "event.not_found");
    }

    [Fact]
    public async Task What_is_past_goes_at_once()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        await tenant.GivenWebhook(path);
        var e = (await Emit(tenant, "2020-01-01T00:00:00+02:00")).Expect(202)["event"]!;
        Assert.Null(e["deliver_at"]);
        await tenant.Delivery(e, "succeeded");
    }

    [Fact]
    public async Task More_than_366_days_ahead_is_refused()
    {
        var tenant = await platform.GivenTenant();
        var answer = await Emit(tenant, In(TimeSpan.FromDays(366) + TimeSpan.FromMinutes(1)));
        answer.ExpectProblem(422, "event.deliver_at");
        Assert.Equal(["deliver_at event.deliver_at"], answer.Errors);
    }

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_another_time_is_another_request()
    {
        var tenant = await platform.GivenTenant();
        var due = In(TimeSpan.FromHours(1));
        string Body(string time) => $$"""{"type":"a","payload":1,"id":"x","deliver_at":"{{time}}"}""";
        var first = (await tenant.Emit(Body(due))).Expect(202)["event"]!;
        var again = (await tenant.Emit(Body(due))).Expect(202)["event"]!;
        Assert.True(JsonNode.DeepEquals(first, again));
        (await tenant.Emit(Body(In(TimeSpan.FromHours(2))))).ExpectProblem(409, "idempotency_key.taken");
    }
}
