using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Domain.Catalogue;

namespace Webhooks.Api.Tests.Catalogue;

public sealed class ImportTests(Platform platform) : IClassFixture<Platform>
{
    private const string Document = """
        {"openapi":"3.1.0","info":{"title":"Shop","version":"1"},"webhooks":{
          "order.paid":{"post":{"summary":"Paid.","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"},"example":{"order":1}}}}}},
          "order.lost":{"post":{"deprecated":true,"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}}}}},
         "components":{"schemas":{"Order":{"type":"object","required":["order"],"properties":{"order":{"type":"integer"}}}}}}
        """;

    private RunningService Service => platform.Service;

    private Task<Answer> Import(Tenant tenant, string body) => Service.Post("/v1/event-types/~import", body, tenant.Key);

    private static string[] Told(JsonNode answer) => [.. answer["event_types"]!.AsArray().Select(t => $"{(string?)t!["name"]} {(string?)t["outcome"]} {(int?)t["version"]} {(string?)t["status"]}")];

    [Fact]
    public async Task An_openapi_document_becomes_types_and_importing_it_again_changes_nothing()
    {
        var tenant = await platform.GivenTenant();
        Assert.Equal(["order.lost defined 1 deprecated", "order.paid defined 1 active"], Told((await Import(tenant, $$"""{"openapi":{{Document}} }""")).Expect(200)));
        Assert.Equal(["order.lost unchanged 1 deprecated", "order.paid unchanged 1 active"], Told((await Import(tenant, $$"""{"openapi":{{Document}} }""")).Expect(200)));
        var schema = (await tenant.Get("/v1/event-types/order.paid")).Expect(200)["event_type"]!["schema"]!;
        Assert.Equal("#/$defs/Order", (string?)schema["$ref"]);

        var changed = Document.Replace("Paid.", "Paid in full.", StringComparison.Ordinal);
        Assert.Equal(["order.lost unchanged 1 deprecated", "order.paid changed 2 active"], Told((await Import(tenant, $$"""{"openapi":{{changed}},"enforced":false}""")).Expect(200)));
    }

    [Fact]
    public async Task Imported_types_can_be_enforced_at_once_and_stay_so()
    {
        var tenant = await platform.GivenTenant();
        (await Import(tenant, $$"""{"openapi":{{Document}},"enforced":true}""")).Expect(200);
        var refused = await tenant.Emitted("order.paid", """{"order":"x"}""");
        refused.ExpectProblem(422, "request.invalid");
        Assert.Equal(["payload.order payload.schema"], refused.Errors);
        Assert.Equal(["order.lost unchanged 1 deprecated", "order.paid unchanged 1 active"], Told((await Import(tenant, $$"""{"openapi":{{Document}} }""")).Expect(200)));
        (await tenant.Emitted("order.paid", "{}")).ExpectProblem(422, "request.invalid");
    }

    [Fact]
    public async Task A_dry_run_tells_and_does_nothing()
    {
        var tenant = await platform.GivenTenant();
        Assert.Equal(["order.lost defined 1 deprecated", "order.paid defined 1 active"], Told((await Import(tenant, $$"""{"openapi":{{Document}},"dry_run":true}""")).Expect(200)));
        (await tenant.Get("/v1/event-types/order.paid")).ExpectProblem(404, "event_type.not_found");
    }

    [Fact]
    public async Task One_mistake_and_none_is_taken_over()
    {
        var tenant = await platform.GivenTenant();
        var broken = Document.Replace("\"deprecated\":true", "\"deprecated\":true,\"summary\":\"x\"", StringComparison.Ordinal).Replace("{\"order\":1}", "{\"order\":\"x\"}", StringComparison.Ordinal);
        var answer = await Import(tenant, $$"""{"openapi":{{broken}} }""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(["openapi.webhooks.order.paid.example.order event_type.example"], answer.Errors);
        Assert.Empty((await tenant.Get("/v1/event-types?matches=order.*")).Expect(200)["event_types"]!.AsArray());
    }

    [Fact]
    public async Task The_media_events_come_with_the_service()
    {
        var tenant = await platform.GivenTenant();
        var told = Told((await Import(tenant, """{"catalogue":"aiozstream","enforced":true}""")).Expect(200));
        Assert.Equal(["encoding.failed", "encoding.finished", "encoding.started", "file.received", "partial.finished"], told.Select(t => t.Split(' ')[0]));
        foreach (var name in told.Select(t => t.Split(' ')[0]))
        {
            var example = (await tenant.Get($"/v1/event-types/{name}")).Expect(200)["event_type"]!["example"]!;
            (await tenant.Emitted(name, example.ToJsonString())).Expect(202);
        }

        var refused = await tenant.Emitted("partial.finished", """{"type":"partial.finished","emitted_at":1,"media_id":"a","media_type":"audio","qualities":"720p,1080p","title":"t","user_id":"u"}""");
        Assert.Equal(["payload payload.schema", "payload.media_type payload.schema", "payload.qualities payload.schema"], refused.Errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}", "openapi import.source")]
    [InlineData("""{"catalogue":"aiozstream","openapi":{}}""", "openapi import.source")]
    [InlineData("""{"catalogue":"aiozstreem"}""", "catalogue field.value")]
    [InlineData("""{"openapi":{"openapi":"3.0.0"}}""", "openapi.openapi openapi.version")]
    [InlineData("""{"openapi":{"openapi":"3.1.0","webhooks":{"a":{"post":{}}}},"enforced":true}""", "openapi.webhooks.a event_type.enforced")]
    public async Task What_cannot_be_imported_is_named(string body, string error)
    {
        var answer = await Import(await platform.GivenTenant(), body);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task More_imports_at_once_than_there_are_connections_wait_for_one_another_and_not_in_a_circle()
    {
        await using var few = new Platform();
        few.Service.Settings["Webhooks:MaxConnections"] = "10";
        await few.InitializeAsync();
        var tenants = new List<Tenant>();
        for (var i = 0; i < 40; i++)
        {
            tenants.Add(await few.GivenTenant());
        }

        var answers = await Task.WhenAll(tenants.Select(t => few.Service.Post("/v1/event-types/~import", $$"""{"openapi":{{Document}} }""", t.Key)));
        Assert.Equal(Enumerable.Repeat(200, tenants.Count), answers.Select(a => a.Status));
    }

    [Fact]
    public async Task A_catalogue_has_a_bound_which_deleting_makes_room_in()
    {
        var tenant = await platform.GivenTenant();
        for (var chunk = 0; chunk < EventType.MaxPerCompany / OpenApiWebhooks.MaxTypes; chunk++)
        {
            (await Import(tenant, Many(chunk, OpenApiWebhooks.MaxTypes))).Expect(200);
        }

        (await Service.Post("/v1/event-types", """{"name":"one.more"}""", tenant.Key)).ExpectProblem(409, "company.too_many_event_types");
        (await Import(tenant, Many(99, 1))).ExpectProblem(409, "company.too_many_event_types");
        (await Import(tenant, Many(0, 2))).Expect(200);
        Assert.Equal(200, (await Service.Post("/v1/event-types", """{"name":"t0.1"}""", tenant.Key)).Status);
        Assert.Equal(204, (await Service.Delete("/v1/event-types/t0.1", tenant.Key)).Status);
        (await Service.Post("/v1/event-types", """{"name":"one.more"}""", tenant.Key)).Expect(201);
    }

    private static string Many(int chunk, int count) =>
        $$"""{"openapi":{"openapi":"3.1.0","webhooks":{ {{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"t{chunk}.{i}\":{{\"post\":{{}}}}"))}} } } }""";
}
