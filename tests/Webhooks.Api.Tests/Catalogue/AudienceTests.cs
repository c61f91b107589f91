using System.Text;
using System.Text.Json;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Catalogue;

public sealed class AudienceTests(Platform platform) : IClassFixture<Platform>
{
    private RunningService Service => platform.Service;

    private async Task<string> Audience(Tenant tenant, string body)
    {
        var answer = (await Service.Post("/v1/event-types/~audience", body, tenant.Key)).Expect(200);
        return $"{(bool)answer["receives"]!} {(int)answer["matched_webhooks"]!} {(int)answer["filtered"]!}";
    }

    [Fact]
    public async Task The_answer_is_what_an_event_would_meet()
    {
        var tenant = await platform.GivenTenant();
        Assert.Equal("False 0 0", await Audience(tenant, """{"type":"order.paid"}"""));
        await tenant.GivenWebhook(Tenant.NewPath(), "\"order.*\"");
        Assert.Equal("True 1 0", await Audience(tenant, """{"type":"order.paid"}"""));
        Assert.Equal("False 0 0", await Audience(tenant, """{"type":"user.made"}"""));

        (await Service.Post("/v1/webhooks", $$"""{"label":"f","url":"{{platform.Receiver.Url("/f")}}","filter":{"total":{"$gt":100} },"channels":["eu"]}""", tenant.Key)).Expect(201);
        Assert.Equal("True 1 0", await Audience(tenant, """{"type":"order.paid"}"""));
        Assert.Equal("True 2 1", await Audience(tenant, """{"type":"order.paid","channels":["eu"]}"""));
        Assert.Equal("True 2 0", await Audience(tenant, """{"type":"order.paid","channels":["eu"],"payload":{"total":101}}"""));
        Assert.Equal("True 1 0", await Audience(tenant, """{"type":"order.paid","channels":["eu"],"payload":{"total":99}}"""));
        Assert.Equal("False 0 0", await Audience(tenant, """{"type":"a","channels":["eu"],"payload":{"total":99}}"""));
        Assert.Empty(await tenant.Sids("/v1/events", "events"));
    }

    [Fact]
    public async Task It_says_what_the_catalogue_would_say()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, """,   "enforced":true,"schema":{"type":"integer"}""");
        var refused = (await Service.Post("/v1/event-types/~audience", """{"type":"a","payload":"x"}""", tenant.Key)).Expect(200);
        Assert.False((bool)refused["accepted"]!);
        Assert.Equal("payload", (string?)refused["errors"]![0]!["field"]);
        Assert.Equal(("active", 1, true), ((string?)refused["event_type"]!["status"], (int?)refused["event_type"]!["version"], (bool?)refused["event_type"]!["enforced"]));

        var unknown = (await Service.Post("/v1/event-types/~audience", """{"type":"b","payload":"x"}""", tenant.Key)).Expect(200);
        Assert.Equal((true, null, null), ((bool?)unknown["accepted"], unknown["errors"], unknown["event_type"]));

        (await Service.Send(HttpMethod.Patch, $"/v1/companies/{tenant.Company}", """{"event_catalogue":"types"}""", tenant.Key)).Expect(200);
        var undefined = (await Service.Post("/v1/event-types/~audience", """{"type":"b"}""", tenant.Key)).Expect(200);
        Assert.Equal((false, "event_type.undefined"), ((bool?)undefined["accepted"], (string?)undefined["errors"]![0]!["code"]));
    }

    [Fact]
    public async Task A_payload_that_no_event_may_have_is_refused_as_an_event_with_it_is()
    {
        var tenant = await platform.GivenTenant();
        const int Max = Platform.MaxPayloadBytes;
        Task<Answer> Asked(int bytes) => Service.Post("/v1/event-types/~audience", $$"""{"type":"a","payload":"{{new string('x', bytes - 2)}}"}""", tenant.Key);
        (await Asked(Max)).Expect(200);
        (await Asked(Max + 1)).ExpectProblem(413, "payload.too_large");
        (await Asked(Max + EmitBody.EnvelopeBytes)).ExpectProblem(413, "payload.too_large");
        (await Asked(Max * 8)).ExpectProblem(413, "payload.too_large");
    }

    [Fact]
    public void A_payload_is_left_as_its_bytes()
    {
        var json = JsonValue.Parse("""{"type":"a","payload":[1, {"a":[2]}],"channels":["b"]}"""u8.ToArray(), left: "payload");
        Assert.Equal(["type", "payload", "channels"], json.Members.Select(m => m.Key));
        var payload = json.Members[1].Value;
        Assert.Equal((JsonTokenType.StartArray, 0, """[1, {"a":[2]}]"""), (payload.Kind, payload.Items.Count, Encoding.UTF8.GetString(payload.Raw.Span)));
        Assert.Single(json.Members[2].Value.Items);
        Assert.Throws<ProblemException>(() => JsonValue.Parse("""{"payload":[1,}"""u8.ToArray(), left: "payload"));
    }

    [Fact]
    public async Task It_is_for_those_who_emit_and_for_their_own_company()
    {
        var (mine, theirs) = (await platform.GivenTenant(), await platform.GivenTenant());
        (await Service.Post("/v1/event-types/~audience", $$"""{"company_sid":"{{theirs.Company}}","type":"a"}""", mine.Key)).ExpectProblem(404, "company.not_found");
        var missing = await Service.Post("/v1/event-types/~audience", """{"type":"a b"}""");
        Assert.Equal(["company_sid field.required", "type event_type.form"], missing.Errors);
        (await Service.Post("/v1/event-types/~audience", $$"""{"company_sid":"{{theirs.Company}}","type":"a"}""")).Expect(200);
        (await Service.Post("/v1/event-types/~audience", """{"type":"a"}""", await Service.GivenKey(mine.Company, "read"))).ExpectProblem(403, "auth.scope");
    }
}
