using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Catalogue;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Api.Tests.Messages;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;
using Webhooks.EventStore;
using static Webhooks.Api.Tests.Catalogue.GivenEventTypes;

namespace Webhooks.Api.Tests.Catalogue;

public sealed class EnforcementTests(Platform platform) : IClassFixture<Platform>
{
    private RunningService Service => platform.Service;

    [Fact]
    public async Task Without_enforcement_any_type_and_any_payload_is_accepted()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, $",\"schema\":{PaidSchema}");
        (await tenant.Emitted("a", "\"anything\"")).Expect(202);
        (await tenant.Emitted("unheard.of", "1")).Expect(202);
    }

    [Fact]
    public async Task A_payload_that_does_not_fit_an_enforced_type_is_refused_with_each_place()
    {
        var (tenant, other) = (await platform.GivenTenant(), await platform.GivenTenant());
        await Service.Defined("a", tenant.Key, $",\"enforced\":true,\"schema\":{PaidSchema}");

        var refused = await tenant.Emitted("a", """{"order":"x","items":[{"sku":1},{}]}""");
        refused.ExpectProblem(422, "request.invalid");
        Assert.Equal(["payload.order payload.schema", "payload.items[1] payload.schema"], refused.Errors);
        Assert.DoesNotContain("\"x\"", refused.Text, StringComparison.Ordinal);
        Assert.Empty(await tenant.Sids("/v1/events", "events"));

        (await tenant.Emitted("a", """{"order":4711}""")).Expect(202);
        (await other.Emitted("a", "1")).Expect(202);
    }

    [Fact]
    public async Task A_change_is_in_force_when_it_is_answered()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, """,   "enforced":true,"schema":{"type":"integer"}""");
        (await tenant.Emitted("a", "\"x\"")).ExpectProblem(422, "request.invalid");
        (await Service.Send(HttpMethod.Put, "/v1/event-types/a", """{"enforced":true,"schema":{"type":"string"}}""", tenant.Key)).Expect(200);
        (await tenant.Emitted("a", "\"x\"")).Expect(202);
        (await tenant.Emitted("a", "1")).ExpectProblem(422, "request.invalid");
        Assert.Equal(204, (await Service.Delete("/v1/event-types/a", tenant.Key)).Status);
        (await tenant.Emitted("a", "1")).Expect(202);
    }

    [Fact]
    public async Task A_type_of_the_installation_is_enforced_for_every_company_that_does_not_define_it_itself()
    {
        var (one, other) = (await platform.GivenTenant(), await platform.GivenTenant());
        var name = NewName();
        await Service.Defined(name, RunningService.Admin, """,   "enforced":true,"schema":{"type":"integer"}""");
        (await one.Emitted(name, "\"x\"")).ExpectProblem(422, "request.invalid");
        await Service.Defined(name, one.Key, """,   "schema":{"type":"integer"}""");
        (await one.Emitted(name, "\"x\"")).Expect(202);
        (await other.Emitted(name, "\"x\"")).ExpectProblem(422, "request.invalid");
    }

    [Fact]
    public async Task A_company_may_accept_only_types_that_are_defined_and_only_payloads_that_fit()
    {
        var tenant = await platform.GivenTenant();
        var shared = NewName();
        await Service.Defined(shared, RunningService.Admin);
        await Service.Defined("a", tenant.Key, """,   "schema":{"type":"integer"}""");

        await Settle(tenant, "\"types\"");
        var undefined = await tenant.Emitted("b", "1");
        undefined.ExpectProblem(422, "request.invalid");
        Assert.Equal(["type event_type.undefined"], undefined.Errors);
        (await tenant.Emitted(shared, "1")).Expect(202);
        (await tenant.Emitted("a", "\"x\"")).Expect(202);

        await Settle(tenant, "\"schemas\"");
        (await tenant.Emitted("a", "\"x\"")).ExpectProblem(422, "request.invalid");
        (await tenant.Emitted("a", "1")).Expect(202);
        Assert.Equal("schemas", (string?)(await tenant.Get($"/v1/companies/{tenant.Company}")).Expect(200)["company"]!["event_catalogue"]);

        await Settle(tenant, "null");
        (await tenant.Emitted("b", "1")).Expect(202);
        (await Patch(tenant, "\"all\"")).ExpectProblem(422, "request.invalid");
    }

    [Fact]
    public async Task In_a_batch_each_event_is_judged_by_itself()
    {
        var tenant = await platform.GivenTenant();
        await Service.Defined("a", tenant.Key, """,   "enforced":true,"schema":{"type":"integer"}""");
        var results = (await Service.Post("/v1/events/~batch", """{"events":[{"type":"a","payload":1},{"type":"a","payload":"x"},{"type":"b","payload":"x"}]}""", tenant.Key)).Expect(200)["results"]!.AsArray();
        Assert.Equal([202, 422, 202], results.Select(r => (int)r!["status"]!));
        Assert.Equal("payload", (string?)results[1]!["problem"]!["errors"]![0]!["field"]);
    }

    [Fact]
    public async Task Events_of_a_batch_share_the_steps_to_judge_them_and_those_that_got_none_may_come_again()
    {
        // Each level asks the next one a hundred times: a million schemas for a payload of one byte.
        var tenant = await platform.GivenTenant();
        static string All(string name) => $$"""{"allOf":[{{string.Join(',', Enumerable.Repeat($$"""{"$ref":"#/$defs/{{name}}"}""", 100))}}]}""";
        await Service.Defined("waste", tenant.Key, $$""","enforced":true,"schema":{"$ref":"#/$defs/a","$defs":{"a":{{All("b")}},"b":{{All("c")}},"c":{{All("d")}},"d":true} }""");
        await Service.Defined("fair", tenant.Key, ""","enforced":true,"schema":{"type":"integer"}""");
        const int Enough = EmitBatch.MaxJudgingSteps / PayloadSchema.MaxSteps;
        string[] events = [.. Enumerable.Repeat("""{"type":"waste","payload":1}""", Enough), """{"type":"fair","payload":1}""", """{"type":"any","payload":1}"""];

        var results = (await Service.Post("/v1/events/~batch", $$"""{"events":[{{string.Join(',', events)}}]}""", tenant.Key)).Expect(200)["results"]!.AsArray();
        Assert.Equal([.. Enumerable.Repeat(422, Enough), 503, 202], results.Select(r => (int)r!["status"]!));
        Assert.Equal("/problems/event.not_judged", (string?)results[Enough]!["problem"]!["type"]);
        (await tenant.Emitted("fair", "1")).Expect(202);
    }

    [Fact]
    public async Task A_stored_schema_that_may_not_be_any_more_breaks_no_start_and_no_event()
    {
        var tenant = await platform.GivenTenant();
        var company = Sid.Parse<CompanyId>(tenant.Company);
        var definition = new EventTypeDefinition("") { Enforced = true, Schema = JsonText.Of("""{"type":"string","pattern":"^(?:a|b)*a(?:a|b){9000}c"}"""u8) };
        await using (var session = await Service.Services.GetRequiredService<PostgresEventStore>().OpenSession(default))
        {
            session.Append(EventTypeId.Of(company, "a").Value, 0, [new EventTypeDefined(company, "a", definition)], new FactMeta(company, null, Guid.NewGuid()));
            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }

        await using var other = new OtherNode(Service);
        await other.Catalogue.StartAsync(default);
        Assert.Null(other.Judge(tenant, "a", "1"));
        (await Service.Send(HttpMethod.Patch, "/v1/event-types/a", """{"description":"x"}""", tenant.Key)).ExpectProblem(422, "request.invalid");
        (await Service.Send(HttpMethod.Patch, "/v1/event-types/a", """{"schema":{"type":"string"}}""", tenant.Key)).Expect(200);
        (await tenant.Emitted("a", "1")).ExpectProblem(422, "request.invalid");
    }

    [Fact]
    public void A_schema_that_could_not_be_made_ready_once_is_made_ready_again()
    {
        var definition = new EventTypeDefinition("") { Enforced = true, Schema = JsonText.Of("true"u8) };
        var tries = 0;
        var type = new EnforcedType(CompanyId.Installation, "a", definition, (_, _, schema) =>
            ++tries == 1 ? throw new InvalidOperationException("as by a lack of memory") : PayloadSchema.Parse(schema, "schema", out _));
        Assert.Throws<InvalidOperationException>(() => type.Judge("1"u8.ToArray(), null));
        Assert.Null(type.Judge("1"u8.ToArray(), null));
        Assert.Null(type.Judge("1"u8.ToArray(), null));
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task A_repeat_of_an_event_that_was_accepted_gets_its_answer_whatever_the_catalogue_has_become()
    {
        var tenant = await platform.GivenTenant();
        var first = (await tenant.Emitted("a", "\"x\"", ",\"id\":\"one\"")).Expect(202);
        await Service.Defined("a", tenant.Key, """,   "enforced":true,"schema":{"type":"integer"}""");
        var again = await tenant.Emitted("a", "\"x\"", ",\"id\":\"one\"");
        Assert.Equal(((string?)first["event"]!["sid"], "true"), ((string?)again.Expect(202)["event"]!["sid"], again.Header("Idempotent-Replayed")));
        (await tenant.Emitted("a", "\"x\"", ",\"id\":\"two\"")).ExpectProblem(422, "request.invalid");
        (await tenant.Emitted("a", "\"y\"", ",\"id\":\"one\"")).ExpectProblem(409, "idempotency_key.taken");
    }

    [Fact]
    public async Task What_changed_through_another_node_is_taken_over_and_what_was_there_at_the_start_too()
    {
        var tenant = await platform.GivenTenant();
        await using var other = new OtherNode(Service);
        await other.Catalogue.StartAsync(default);
        Assert.Null(other.Judge(tenant, "a", "1"));
        await Service.Defined("a", tenant.Key, """,   "enforced":true,"schema":{"type":"string"}""");
        await Testing.Eventually.Is(() => Task.FromResult(other.Judge(tenant, "a", "1") is not null), "the other node enforces the type");

        await using var later = new OtherNode(Service);
        await later.Catalogue.StartAsync(default);
        Assert.NotNull(later.Judge(tenant, "a", "1"));
    }

    [Fact]
    public async Task Where_nothing_is_enforced_judging_allocates_nothing_and_asks_nobody()
    {
        var catalogue = new EnforcedCatalogue(null!, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<EnforcedCatalogue>.Instance);
        var company = CompanyId.From(Guid.NewGuid());
        var payload = "not even JSON"u8.ToArray();
        catalogue.Judge(company, "a", payload);

        // A collection that other tests bring about counts what is left of the thread's share as allocated: so the least of some rounds.
        Assert.Equal(0, Enumerable.Range(0, 20).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                catalogue.Judge(company, "a", payload);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }));
        catalogue.Dispose();
        await Task.CompletedTask;
    }

    private async Task Settle(Tenant tenant, string setting) => (await Patch(tenant, setting)).Expect(200);

    private Task<Answer> Patch(Tenant tenant, string setting) => Service.Send(HttpMethod.Patch, $"/v1/companies/{tenant.Company}", $$"""{"event_catalogue":{{setting}} }""", tenant.Key);

    /// <summary>What another node of the same installation keeps in memory.</summary>
    private sealed class OtherNode(RunningService service) : IAsyncDisposable
    {
        public EnforcedCatalogue Catalogue { get; } = ActivatorUtilities.CreateInstance<EnforcedCatalogue>(service.Services);

        public Problem? Judge(Tenant tenant, string type, string payload) => Catalogue.Judge(Sid.Parse<CompanyId>(tenant.Company), type, Encoding.UTF8.GetBytes(payload));

        public async ValueTask DisposeAsync()
        {
            await Catalogue.StopAsync(default);
            Catalogue.Dispose();
        }
    }
}
