using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class OrderingSettingsTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Strict = """ "ordering":"strict","on_exhausted":"block","sequence_numbers":true """;

    private static (string?, string?, bool?) Of(JsonNode webhook) => ((string?)webhook["ordering"], (string?)webhook["on_exhausted"], (bool?)webhook["sequence_numbers"]);

    [Fact]
    public async Task Left_out_nothing_is_ordered_blocked_or_numbered()
    {
        var customer = await Customer.Of(service);
        Assert.Equal(("none", "skip", false), Of(await customer.Webhook(await customer.GivenWebhook())));
    }

    [Fact]
    public async Task A_change_of_another_field_leaves_them_alone_and_null_puts_them_back()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Strict);
        Assert.Equal(("strict", "block", true), Of((await customer.Patch(sid, """{"label":"new"}""")).Expect(200)["webhook"]!));
        Assert.Equal(("strict", "block", true), Of(await customer.Webhook(sid)));
        Assert.Equal(("none", "skip", false), Of((await customer.Patch(sid, """{"ordering":null,"on_exhausted":null,"sequence_numbers":null}""")).Expect(200)["webhook"]!));
        Assert.Equal(("strict", "skip", false), Of((await customer.Put(sid, $$"""{"url":"{{Customer.Url}}","ordering":"strict"}""")).Expect(200)["webhook"]!));
    }

    [Fact]
    public async Task Other_values_are_refused_by_name()
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create($$"""{"url":"{{Customer.Url}}","ordering":"fifo","on_exhausted":1,"sequence_numbers":"yes"}""");
        Assert.Equal(["ordering field.value", "on_exhausted field.type", "sequence_numbers field.type"], answer.Errors);
    }

    [Fact]
    public async Task The_header_of_the_numbers_is_no_header_of_the_customers()
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create($$"""{"url":"{{Customer.Url}}","headers":[{"name":"Webhook-Sequence","value":"1"}]}""");
        Assert.Equal(["headers[0].name header.reserved"], answer.Errors);
    }
}
