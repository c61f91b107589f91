using System.Text.Json.Nodes;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

public class OrderedEventsTests(Platform platform) : IClassFixture<Platform>
{
    private async Task<(Tenant Tenant, string Path)> GivenStrict(string onExhausted = "block")
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        (await platform.Service.Post("/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","max_attempts":1,"ordering":"strict","on_exhausted":"{{onExhausted}}"}""", tenant.Key)).Expect(201);
        return (tenant, path);
    }

    private static async Task<JsonNode> Emit(Tenant tenant, string members) =>
        (await tenant.Emit($$"""{"type":"a","payload":1{{(members.Length > 0 ? "," : "")}}{{members}}}""")).Expect(202)["event"]!;

    private static IEnumerable<string> Sequences(IReadOnlyList<Received> requests) => requests.Select(r => r.Headers["webhook-sequence"]);

    private static Task<Answer> Post(Tenant tenant, string path) => tenant.Platform.Service.Post(path, null, tenant.Key);

    [Fact]
    public async Task Each_delivery_carries_its_number_and_the_answers_show_it()
    {
        var (tenant, path) = await GivenStrict();
        var first = await Emit(tenant, "\"ordering_key\":\"customer 7\"");
        var second = await Emit(tenant, "");
        var delivery = await tenant.Delivery(second, "succeeded");
        await tenant.Delivery(first, "succeeded");

        Assert.Equal(2, (int?)delivery["sequence"]);
        Assert.Contains(delivery["attempts"]![0]!["request_headers"]!.AsArray(), h => (string?)h!["name"] == "webhook-sequence" && (string?)h["value"] == "2");
        Assert.Equal(["1", "2"], Sequences(platform.Receiver.At(path)).Order());
        var shown = (await tenant.Get($"/v1/events/{(string?)first["sid"]}")).Expect(200)["event"]!;
        Assert.Equal(("customer 7", 1), ((string?)shown["ordering_key"], (int?)shown["deliveries"]![0]!["sequence"]));
        Assert.Null(shown["status"]);

        // Newest first to the millisecond: both may be of the same one.
        Assert.Equal([1, 2], (await tenant.List("/v1/deliveries"))["deliveries"]!.AsArray().Select(d => (int)d!["sequence"]!).Order());
    }

    [Fact]
    public async Task A_key_that_is_held_back_goes_on_after_a_retry_that_succeeds()
    {
        var (tenant, path) = await GivenStrict();
        var up = false;
        platform.Receiver.Answer(path, _ => new Reply(up ? 200 : 500, []));
        var first = await Emit(tenant, "");
        await tenant.Delivery(first, "exhausted");
        var second = await Emit(tenant, "");
        up = true;
        (await Post(tenant, $"/v1/deliveries/{await tenant.DeliverySid(first)}/~retry")).Expect(202);
        await tenant.Delivery(second, "succeeded");
        Assert.Equal(["1", "1", "2"], Sequences(platform.Receiver.At(path)));
    }

    [Fact]
    public async Task Or_after_the_delivery_in_its_way_is_skipped()
    {
        var (tenant, path) = await GivenStrict();
        platform.Receiver.Answer(path, r => new Reply(r.Headers["webhook-sequence"] == "1" ? 500 : 200, []));
        var first = await Emit(tenant, "");
        await tenant.Delivery(first, "exhausted");
        var second = await Emit(tenant, "");
        var sid = await tenant.DeliverySid(first);
        Assert.Equal("cancelled", (string?)(await Post(tenant, $"/v1/deliveries/{sid}/~skip")).Expect(200)["delivery"]!["status"]);
        Assert.Equal("cancelled", (string?)(await Post(tenant, $"/v1/deliveries/{sid}/~skip")).Expect(200)["delivery"]!["status"]);
        await tenant.Delivery(second, "succeeded");
        (await Post(tenant, $"/v1/deliveries/{await tenant.DeliverySid(second)}/~skip")).ExpectProblem(409, "delivery.succeeded");
        (await Post(tenant, $"/v1/deliveries/{sid}/~retry")).ExpectProblem(409, "delivery.cancelled");
        (await Post(await platform.GivenTenant(), $"/v1/deliveries/{sid}/~skip")).ExpectProblem(404, "delivery.not_found");
    }

    [Fact]
    public async Task A_retry_of_what_has_arrived_comes_with_its_number_and_holds_up_nobody()
    {
        var (tenant, path) = await GivenStrict();
        var first = await Emit(tenant, "");
        await tenant.Delivery(first, "succeeded");
        platform.Receiver.Answer(path, r => new Reply(r.Headers["webhook-sequence"] == "1" ? 500 : 200, []));
        (await Post(tenant, $"/v1/deliveries/{await tenant.DeliverySid(first)}/~retry")).Expect(202);
        await tenant.Delivery(first, "exhausted");
        await tenant.Delivery(await Emit(tenant, ""), "succeeded");
        Assert.Equal(["1", "1", "2"], Sequences(platform.Receiver.At(path)));
    }

    [Fact]
    public async Task A_batch_keeps_its_order()
    {
        var (tenant, path) = await GivenStrict();
        var events = string.Join(',', Enumerable.Range(1, 50).Select(n => $$"""{"type":"a","payload":{{n}},"ordering_key":"k"}"""));
        (await platform.Service.Post("/v1/events/~batch", $$"""{"events":[{{events}}]}""", tenant.Key)).Expect(200);
        await Eventually.Is(() => platform.Receiver.At(path).Count == 50, "all have come");
        Assert.Equal(Enumerable.Range(1, 50).Select(n => n.ToString()), platform.Receiver.At(path).Select(r => System.Text.Encoding.UTF8.GetString(r.Body)));
        Assert.Equal(Enumerable.Range(1, 50).Select(n => n.ToString()), Sequences(platform.Receiver.At(path)));
    }
}
