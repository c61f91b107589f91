using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Domain;
using static Webhooks.Api.Tests.Catalogue.GivenEventTypes;

namespace Webhooks.Api.Tests.Catalogue;

public sealed class EventTypesTests(Platform platform) : IClassFixture<Platform>
{
    private RunningService Service => platform.Service;

    [Fact]
    public async Task A_type_is_defined_read_changed_and_deleted_by_its_sid_and_by_its_name()
    {
        var tenant = await platform.GivenTenant();
        var answer = await Service.Post("/v1/event-types", $$"""{"name":"order/eu:paid","description":"Paid.","schema":{{PaidSchema}},"example":{ "order" : 4711.0 },"enforced":true}""", tenant.Key);
        var type = answer.Expect(201)["event_type"]!;
        var sid = (string)type["sid"]!;
        Assert.Equal($"/v1/event-types/{sid}", answer.Header("Location"));
        Assert.Equal("\"v1\"", answer.Header("ETag"));
        Assert.True(Sid.TryParse<EventTypeId>(sid, out _));
        Assert.Equal((tenant.Company, "active", 1, true), ((string?)type["company_sid"], (string?)type["status"], (int?)type["version"], (bool?)type["enforced"]));
        Assert.Contains("\"example\":{\"order\":4711.0}", answer.Text, StringComparison.Ordinal);

        var byName = await tenant.Get("/v1/event-types/order%2Feu:paid");
        Assert.Equal((answer.Text, answer.Header("ETag")), (byName.Text, byName.Header("ETag")));
        Assert.Equal(answer.Text, (await tenant.Get($"/v1/event-types/{sid}")).Text);

        var changed = (await Service.Send(HttpMethod.Put, "/v1/event-types/order%2Feu:paid", """{"description":"Paid in full."}""", tenant.Key)).Expect(200)["event_type"]!;
        Assert.Equal((2, "Paid in full.", false, null), ((int?)changed["version"], (string?)changed["description"], (bool?)changed["enforced"], changed["schema"]));

        var versions = (await tenant.Get($"/v1/event-types/{sid}/versions")).Expect(200)["versions"]!.AsArray();
        Assert.Equal([(1, "Paid."), (2, "Paid in full.")], versions.Select(v => ((int)v!["version"]!, (string)v["description"]!)));
        Assert.StartsWith("key_", (string?)versions[0]!["actor"], StringComparison.Ordinal);

        var newest = (await tenant.Get($"/v1/event-types/{sid}/versions?sort=version.desc&page_size=1")).Expect(200);
        var rest = (await tenant.Get($"/v1/event-types/{sid}/versions?sort=version.desc&page_size=1&page_token={newest["next_page_token"]}")).Expect(200);
        Assert.Equal([(2, false), (1, true)], new[] { newest, rest }.Select(p => ((int)Assert.Single(p["versions"]!.AsArray())!["version"]!, (string)p["next_page_token"]! == "")));

        Assert.Equal(204, (await Service.Delete($"/v1/event-types/{sid}", tenant.Key)).Status);
        Assert.Equal(204, (await Service.Delete("/v1/event-types/order%2Feu:paid", tenant.Key)).Status);
        (await tenant.Get($"/v1/event-types/{sid}")).ExpectProblem(404, "event_type.not_found");
        (await Service.Send(HttpMethod.Put, $"/v1/event-types/{sid}", "{}", tenant.Key)).ExpectProblem(404, "event_type.not_found");
        Assert.Equal(3, (int?)(await Service.Defined("order/eu:paid", tenant.Key))["version"]);
    }

    [Fact]
    public async Task What_was_read_may_be_put_back_but_neither_name_nor_company_changes()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, $",\"description\":\"x\",\"schema\":{PaidSchema},\"enforced\":true");
        (await Service.Post("/v1/event-types/a/~deprecate", """{"note":"Gone in 2027."}""", tenant.Key)).Expect(200);
        var read = await tenant.Get("/v1/event-types/a");
        var type = read.Expect(200)["event_type"]!;

        Assert.Equal(read.Text, (await Put(type)).Text);
        type["name"] = "b";
        (await Put(type)).ExpectProblem(422, "event_type.name");
        (type["name"], type["company_sid"]) = ("a", await Service.GivenCompany());
        Assert.Equal("company_sid", (string?)(await Put(type)).ExpectProblem(422, "request.invalid")["errors"]!.AsArray().Single()!["field"]);

        Task<Answer> Put(JsonNode body) => Service.Send(HttpMethod.Put, "/v1/event-types/a", body.ToJsonString(), tenant.Key);
    }

    [Fact]
    public async Task Defining_the_same_again_changes_nothing_and_something_else_is_a_conflict()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, ",\"description\":\"x\"");
        var again = await Service.Post("/v1/event-types", """{"name":"a","description":"x"}""", tenant.Key);
        Assert.Equal((200, "\"v1\""), (again.Status, again.Header("ETag")));
        (await Service.Post("/v1/event-types", """{"name":"a"}""", tenant.Key)).ExpectProblem(409, "event_type.exists");
    }

    [Fact]
    public async Task A_change_against_an_older_version_is_refused_and_what_is_known_is_not_sent_again()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key);
        Assert.Equal(304, (await Service.Send(HttpMethod.Get, "/v1/event-types/a", (string?)null, tenant.Key, ("If-None-Match", "\"v1\""))).Status);
        (await Service.Send(HttpMethod.Put, "/v1/event-types/a", """{"description":"1"}""", tenant.Key, ("If-Match", "\"v1\""))).Expect(200);
        (await Service.Send(HttpMethod.Put, "/v1/event-types/a", """{"description":"2"}""", tenant.Key, ("If-Match", "\"v1\""))).ExpectProblem(412, "version.stale");
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_goes_back_to_the_default()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("order/paid", tenant.Key, $$""","description":"x","schema":{{PaidSchema}},"example":{"order":1},"enforced":true""");
        var described = await Patch(tenant, """{"description":"Paid."}""", ("If-Match", "\"v1\""));
        Assert.Equal("\"v2\"", described.Header("ETag"));
        var type = described.Expect(200)["event_type"]!;
        Assert.Equal((2, "Paid.", true), ((int?)type["version"], (string?)type["description"], (bool?)type["enforced"]));
        Assert.Contains($"\"schema\":{PaidSchema}", described.Text, StringComparison.Ordinal);
        (await Patch(tenant, """{"description":"late"}""", ("If-Match", "\"v1\""))).ExpectProblem(412, "version.stale");

        // As a whole, nulls inside included: in a schema they are values.
        const string Schema = """{"properties":{"order":{"enum":[null,1]},"note":{"const":null}}}""";
        Assert.Contains($"\"schema\":{Schema}", (await Patch(tenant, $$"""{"schema":{{Schema}} }""")).Text, StringComparison.Ordinal);
        var bare = (await Patch(tenant, """{"schema":null,"example":null,"enforced":null,"description":null}""")).Expect(200)["event_type"]!;
        Assert.Equal((4, "", false, null, null), ((int?)bare["version"], (string?)bare["description"], (bool?)bare["enforced"], bare["schema"], bare["example"]));
        Assert.Equal("\"v4\"", (await Patch(tenant, "{}")).Header("ETag"));
    }

    [Fact]
    public async Task A_patch_is_judged_with_what_it_leaves()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("order/paid", tenant.Key, ""","example":{"order":"no number"}""");
        (await Patch(tenant, $$"""{"schema":{{PaidSchema}} }""")).ExpectProblem(422, "request.invalid");
        (await Patch(tenant, """{"descripton":"x"}""")).ExpectProblem(422, "request.invalid");
        (await Patch(tenant, "[]")).ExpectProblem(400, "json.not_an_object");
        Assert.Equal(204, (await Service.Delete("/v1/event-types/order%2Fpaid", tenant.Key)).Status);
        (await Patch(tenant, "{}")).ExpectProblem(404, "event_type.not_found");
        (await Patch(await platform.GivenTenant(), "{}")).ExpectProblem(404, "event_type.not_found");
    }

    private Task<Answer> Patch(Tenant tenant, string json, params (string Name, string Value)[] headers) =>
        Service.Send(HttpMethod.Patch, "/v1/event-types/order%2Fpaid", json, tenant.Key, headers);

    [Fact]
    public async Task A_deprecated_type_says_so_until_it_is_reinstated_and_is_emitted_all_the_same()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key);
        var deprecated = (await Service.Post("/v1/event-types/a/~deprecate", """{"note":"Gone in 2027.","replaced_by":"b"}""", tenant.Key)).Expect(200)["event_type"]!;
        Assert.Equal(("deprecated", "Gone in 2027.", "b"), ((string?)deprecated["status"], (string?)deprecated["deprecation"]!["note"], (string?)deprecated["deprecation"]!["replaced_by"]));
        (await tenant.Emitted("a", "1")).Expect(202);
        Assert.Contains("a", await Names(tenant, "?status=deprecated"));
        Assert.DoesNotContain("a", await Names(tenant, "?status=active"));

        var again = (await Service.Post("/v1/event-types/a/~reinstate", null, tenant.Key)).Expect(200)["event_type"]!;
        Assert.Equal(("active", null), ((string?)again["status"], again["deprecation"]));
        (await Service.Post("/v1/event-types/a/~deprecate", null, tenant.Key)).Expect(200);
        (await Service.Post("/v1/event-types/none/~deprecate", null, tenant.Key)).ExpectProblem(404, "event_type.not_found");
    }

    [Theory]
    [InlineData("""{"name":"a","schema":{"properties":{"x":{"typo":1}}}}""", "schema.properties.x.typo schema.keyword")]
    [InlineData("""{"name":"a","schema":{"required":["x"]},"example":{}}""", "example event_type.example")]
    [InlineData("""{"name":"a","enforced":true}""", "enforced event_type.enforced")]
    [InlineData("""{"name":"webhook.x","nmae":1}""", "name event_type.reserved", "nmae field.unknown")]
    [InlineData("{}", "name field.required")]
    public async Task A_definition_that_breaks_rules_is_refused_with_each(string json, params string[] errors)
    {
        var tenant = await platform.GivenTenant();
        var answer = await Service.Post("/v1/event-types", json, tenant.Key);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(errors, answer.Errors);
    }

    [Fact]
    public async Task A_company_has_the_types_of_the_installation_unless_it_defines_them_itself_and_never_anothers()
    {
        var (mine, theirs) = (await platform.GivenTenant(), await platform.GivenTenant());
        var (shared, own) = (NewName("shared"), NewName("own"));
        var ofInstallation = await Service.Defined(shared, RunningService.Admin, ",\"description\":\"everyone's\"");
        Assert.Null(ofInstallation["company_sid"]);
        var ofMine = await Service.Defined(own, mine.Key);

        Assert.Equal("everyone's", (string?)(await mine.Get($"/v1/event-types/{shared}")).Expect(200)["event_type"]!["description"]);
        await Service.Defined(shared, mine.Key, ",\"description\":\"mine\"");
        Assert.Equal("mine", (string?)(await mine.Get($"/v1/event-types/{shared}")).Expect(200)["event_type"]!["description"]);
        Assert.Equal("everyone's", (string?)(await theirs.Get($"/v1/event-types/{shared}")).Expect(200)["event_type"]!["description"]);
        Assert.Equal([own, shared], await Names(mine, "?matches=own.*", "?matches=shared.*", only: [own, shared]));
        Assert.Equal([shared], await Names(theirs, "?matches=own.*", "?matches=shared.*", only: [own, shared]));

        (await theirs.Get($"/v1/event-types/{(string?)ofMine["sid"]}")).ExpectProblem(404, "event_type.not_found");
        (await Service.Delete($"/v1/event-types/{(string?)ofMine["sid"]}", theirs.Key)).ExpectProblem(404, "event_type.not_found");
        (await Service.Delete($"/v1/event-types/{(string?)ofInstallation["sid"]}", theirs.Key)).ExpectProblem(404, "event_type.not_found");
        (await Service.Delete($"/v1/event-types/{shared}", theirs.Key)).ExpectProblem(404, "event_type.not_found");
        (await Service.Post("/v1/event-types", $$"""{"name":"x","company_sid":"{{mine.Company}}"}""", theirs.Key)).ExpectProblem(404, "company.not_found");
        (await Service.Post("/v1/event-types", """{"name":"x","company_sid":"com_01h455vb4pex5vsknk084sn02q"}""")).ExpectProblem(404, "company.not_found");

        Assert.Equal("mine", (string?)(await Service.Get($"/v1/event-types/{shared}?company_sid={mine.Company}")).Expect(200)["event_type"]!["description"]);
        Assert.Equal(204, (await Service.Delete($"/v1/event-types/{shared}?company_sid={mine.Company}")).Status);
        Assert.Equal("everyone's", (string?)(await mine.Get($"/v1/event-types/{shared}")).Expect(200)["event_type"]!["description"]);
    }

    [Fact]
    public async Task A_list_goes_by_name_and_by_pages_and_knows_patterns()
    {
        var tenant = await platform.GivenTenant();
        string[] names = ["l.a", "l.a.b", "l.a.b.c", "l.b", "lx.a"];
        foreach (var name in names.Reverse())
        {
            await Service.Defined(name, tenant.Key);
        }

        Assert.Equal(["l.a", "l.a.b", "l.a.b.c", "l.b"], await Names(tenant, "?matches=l.*"));
        Assert.Equal(["l.a", "lx.a"], await Names(tenant, "?matches=*.a"));
        Assert.Equal(["l.a.b"], await Names(tenant, "?matches=l.*.b"));
        Assert.Equal(["l.b"], await Names(tenant, "?matches=l.b"));
        Assert.Equal(["l.b", "l.a.b.c", "l.a.b", "l.a"], await Names(tenant, "?matches=l.*&sort=name.desc"));

        var first = (await tenant.Get("/v1/event-types?matches=l.*&page_size=3")).Expect(200);
        var second = (await tenant.Get($"/v1/event-types?matches=l.*&page_size=3&page_token={(string?)first["next_page_token"]}")).Expect(200);
        Assert.Equal(("l.b", ""), ((string?)Assert.Single(second["event_types"]!.AsArray())!["name"], (string?)second["next_page_token"]));
        var wrong = await tenant.Get("/v1/event-types?matches=a*&status=deleted");
        wrong.ExpectProblem(400, "query.invalid");
        Assert.Equal(["matches event_type.pattern", "status query.status"], wrong.Errors);
        Assert.Equal("status: Must be active or deprecated.", (string?)(await tenant.Get("/v1/event-types?status=gone")).ExpectProblem(400, "query.invalid")["detail"]);
    }

    [Fact]
    public async Task Reading_and_changing_take_their_scopes()
    {
        var company = await Service.GivenCompany();
        var (reader, emitter) = (await Service.GivenKey(company, "read"), await Service.GivenKey(company, "emit"));
        (await Service.Post("/v1/event-types", """{"name":"a"}""", reader)).ExpectProblem(403, "auth.scope");
        (await Service.Get("/v1/event-types", emitter)).ExpectProblem(403, "auth.scope");
        (await Service.Get("/v1/event-types", reader)).Expect(200);
    }

    private async Task<string[]> Names(Tenant tenant, string query) =>
        [.. (await tenant.Get($"/v1/event-types{query}")).Expect(200)["event_types"]!.AsArray().Select(t => (string)t!["name"]!)];

    private async Task<string[]> Names(Tenant tenant, string first, string second, string[] only) =>
        [.. (await Names(tenant, first)).Concat(await Names(tenant, second)).Where(only.Contains)];
}
