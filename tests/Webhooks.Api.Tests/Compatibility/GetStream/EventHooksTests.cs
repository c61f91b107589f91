using Webhooks.Api.Http;
using Webhooks.Api.Tests.Messages;
using Webhooks.Domain;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

public sealed class EventHooksTests(Platform platform) : IClassFixture<Platform>
{
    private const string One = """{"hook_type":"webhook","enabled":true,"webhook_url":"http://127.0.0.1:9/one","event_types":["message.new"]}""";
    private const string Two = """{"hook_type":"webhook","enabled":true,"webhook_url":"http://127.0.0.1:9/two","event_types":[]}""";

    [Fact]
    public async Task A_hook_without_an_id_is_new_and_gets_a_uuid()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks($$"""{"event_hooks":[{{One}}]}""")).Single()!;

        Assert.True(Guid.TryParseExact((string?)hook["id"], "D", out _));
        Assert.Equal(("webhook", true, "http://127.0.0.1:9/one", "all"), ((string?)hook["hook_type"], (bool?)hook["enabled"], (string?)hook["webhook_url"], (string?)hook["product"]));
        Assert.Equal("message.new", (string?)hook["event_types"]!.AsArray().Single());
        Assert.True(DateTimeOffset.TryParse((string?)hook["created_at"], out _));
        Assert.Equal(hook.ToJsonString(), (await client.App())["event_hooks"]![0]!.ToJsonString());
    }

    /// <summary>GetStream's own answers: its clients for Python and Java read nothing else there.</summary>
    [Fact]
    public async Task Times_are_whole_nanoseconds_under_api_v2()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks($$"""{"event_hooks":[{{One}}]}""")).Single()!;
        var read = (await client.Get("/api/v2/app")).Expect(200)["app"]!["event_hooks"]!.AsArray().Single()!;
        foreach (var field in new[] { "created_at", "updated_at" })
        {
            var time = DateTimeOffset.UnixEpoch.AddTicks((long)read[field]! / TimeSpan.NanosecondsPerTick);
            Assert.Equal((string?)hook[field], Wire.Time(time));
        }

        var changed = (await client.Patch($$"""{"event_hooks":[{{read.ToJsonString()}}]}""", "/api/v2/app")).Expect(200)["app"]!["event_hooks"]!.AsArray();
        Assert.Equal(read.ToJsonString(), changed.Single()!.ToJsonString());
    }

    [Fact]
    public async Task A_hook_is_a_webhook_of_the_profile_with_its_retries()
    {
        var client = await GetStreamClient.Of(platform);
        var webhook = await client.Webhook((await client.Hooks($$"""{"event_hooks":[{{One}}]}""")).Single()!);

        Assert.Equal(("getstream", "getstream", client.Key), ((string?)webhook["profile"], (string?)webhook["signature_scheme"], (string?)webhook["api_key"]));
        Assert.Equal("getstream", (string?)webhook["retry_policy"]!["name"]);
    }

    [Fact]
    public async Task The_same_id_is_changed_an_unknown_one_is_new_and_what_is_left_out_goes()
    {
        var client = await GetStreamClient.Of(platform);
        var hooks = await client.Hooks($$"""{"event_hooks":[{{One}},{{Two}}]}""");
        var (kept, chosen) = ((string)hooks[0]!["id"]!, Guid.NewGuid().ToString());
        var after = await client.Hooks($$"""
            {"event_hooks":[
             {"id":"{{kept}}","hook_type":"webhook","enabled":true,"webhook_url":"http://127.0.0.1:9/changed","event_types":["message.new","message.deleted"]},
             {"id":"{{chosen}}","hook_type":"webhook","enabled":true,"webhook_url":"http://127.0.0.1:9/new"}]}
            """);

        Assert.Equal([kept, chosen], after.Select(h => (string?)h!["id"]));
        Assert.Equal(["http://127.0.0.1:9/changed", "http://127.0.0.1:9/new"], after.Select(h => (string?)h!["webhook_url"]));
        Assert.Equal(2, after[0]!["event_types"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_id_that_was_deleted_or_is_another_companys_makes_a_new_hook_of_another_id()
    {
        var client = await GetStreamClient.Of(platform);
        var id = (string)(await client.Hooks($$"""{"event_hooks":[{{One}}]}""")).Single()!["id"]!;
        var foreign = await GetStreamClient.Of(platform);
        var withId = $$"""{"event_hooks":[{"id":"{{id}}","hook_type":"webhook","webhook_url":"http://127.0.0.1:9/mine"}]}""";

        Assert.NotEqual(id, (string?)(await foreign.Hooks(withId)).Single()!["id"]);
        Assert.Equal("http://127.0.0.1:9/one", (string?)(await client.App())["event_hooks"]![0]!["webhook_url"]);

        Assert.Empty(await client.Hooks("""{"event_hooks":[]}"""));
        Assert.NotEqual(id, (string?)(await client.Hooks(withId)).Single()!["id"]);
    }

    [Fact]
    public async Task An_id_that_the_service_derives_from_a_name_is_nobodys_to_choose()
    {
        var client = await GetStreamClient.Of(platform);
        var derived = EventTypeId.Of(CompanyId.Installation, "order.squatted").Value;
        var hook = (await client.Hooks($$"""{"event_hooks":[{"id":"{{derived}}","hook_type":"webhook","webhook_url":"http://127.0.0.1:9/mine"}]}""")).Single()!;
        Assert.NotEqual(derived.ToString(), (string?)hook["id"]);
        Assert.Equal(201, (await platform.Service.Post("/v1/event-types", """{"name":"order.squatted"}""", RunningService.Admin)).Status);
    }

    [Fact]
    public async Task What_a_change_leaves_out_stays_as_it_is()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks("""{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","enabled":false,"product":"chat","event_types":["z"],"timeout_ms":2000}]}""")).Single()!;
        var id = (string)hook["id"]!;
        foreach (var same in new[] { $$"""{"id":"{{id}}"}""", $$"""{"id":"{{id}}","hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x"}""" })
        {
            var now = (await client.Hooks($$"""{"event_hooks":[{{same}}]}""")).Single()!;
            foreach (var field in new[] { "enabled", "product", "event_types", "timeout_ms", "webhook_url" })
            {
                Assert.Equal(hook[field]!.ToJsonString(), now[field]!.ToJsonString());
            }
        }

        Assert.True((bool)(await client.Hooks($$"""{"event_hooks":[{"id":"{{id}}","enabled":true}]}""")).Single()!["enabled"]!);
        Assert.Empty(await client.Hooks($$"""{"explicit_event_hooks_deletion":true,"event_hooks":[{"id":"{{id}}","delete":true}]}"""));
        Assert.Empty(await client.Hooks($$"""{"explicit_event_hooks_deletion":true,"event_hooks":[{"id":"{{id}}","delete":true}]}"""));
    }

    [Fact]
    public async Task Hooks_that_are_made_together_keep_their_order()
    {
        var client = await GetStreamClient.Of(platform);
        var urls = Enumerable.Range(0, 10).Select(i => $"http://127.0.0.1:9/{i}").ToList();
        var made = await client.Hooks($$"""{"event_hooks":[{{string.Join(',', urls.Select(u => $$"""{"hook_type":"webhook","webhook_url":"{{u}}"}"""))}}]}""");
        Assert.Equal(urls, made.Select(h => (string?)h!["webhook_url"]));
    }

    [Fact]
    public async Task Where_deletion_is_explicit_only_marked_hooks_go()
    {
        var client = await GetStreamClient.Of(platform);
        var ids = (await client.Hooks($$"""{"event_hooks":[{{One}},{{Two}}]}""")).Select(h => (string)h!["id"]!).ToList();

        Assert.Equal(2, (await client.Hooks("""{"explicit_event_hooks_deletion":true,"event_hooks":[]}""")).Count);
        var left = await client.Hooks($$"""{"explicit_event_hooks_deletion":true,"event_hooks":[{"id":"{{ids[0]}}","hook_type":"webhook","delete":true}]}""");
        Assert.Equal([ids[1]], left.Select(h => (string?)h!["id"]));
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_changes_nothing()
    {
        var client = await GetStreamClient.Of(platform);
        var hooks = await client.Hooks($$"""{"event_hooks":[{{One}},{"hook_type":"webhook","enabled":false,"webhook_url":"http://127.0.0.1:9/x","product":"chat"}]}""");
        var again = await client.Hooks($$"""{"event_hooks":{{hooks.ToJsonString()}} }""");

        Assert.Equal(hooks.ToJsonString(), again.ToJsonString());
    }

    [Fact]
    public async Task One_field_of_what_was_read_can_be_changed_and_sent_back()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks($$"""{"event_hooks":[{{Two}}]}""")).Single()!;
        hook["event_types"]!.AsArray().Add("message.new");

        Assert.Equal("message.new", (string?)(await client.Hooks($$"""{"event_hooks":[{{hook.ToJsonString()}}]}""")).Single()!["event_types"]!.AsArray().Single());
    }

    [Fact]
    public async Task A_disabled_hook_gets_nothing_until_it_is_enabled_and_nothing_of_before()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks($$"""{"event_hooks":[{{One.Replace("true", "false", StringComparison.Ordinal)}}]}""")).Single()!;
        var disabled = await client.Webhook(hook);
        Assert.Equal(("disabled", "off"), ((string?)disabled["status"], (string?)disabled["disabled_reason"]));
        Assert.Equal(0, (int?)(await client.Emit("message.new", "{}")).Expect(202)["event"]!["matched_webhooks"]);

        hook["enabled"] = true;
        var enabled = (await client.Hooks($$"""{"event_hooks":[{{hook.ToJsonString()}}]}""")).Single()!;
        Assert.Equal("active", (string?)(await client.Webhook(enabled))["status"]);
        Assert.Equal(1, (int?)(await client.Emit("message.new", "{}")).Expect(202)["event"]!["matched_webhooks"]);
    }

    [Fact]
    public async Task What_only_the_webhook_api_can_say_survives_an_update()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks($$"""{"event_hooks":[{{One}}]}""")).Single()!;
        var sid = (string)(await client.Webhook(hook))["sid"]!;
        (await platform.Service.Send(HttpMethod.Patch, $"/v1/webhooks/{sid}", """{"headers":[{"name":"X-Shop","value":"berlin"}],"limits":{"max_in_flight":3}}""", RunningService.Admin)).Expect(200);

        hook["webhook_url"] = "http://127.0.0.1:9/changed";
        await client.Hooks($$"""{"event_hooks":[{{hook.ToJsonString()}}]}""");
        var webhook = await client.Webhook(hook);
        Assert.Equal(("http://127.0.0.1:9/changed", "berlin", 3), ((string?)webhook["url"], (string?)webhook["headers"]![0]!["value"], (int?)webhook["limits"]!["max_in_flight"]));
    }

    [Fact]
    public async Task A_product_is_a_channel_of_events()
    {
        var client = await GetStreamClient.Of(platform);
        var hook = (await client.Hooks("""{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","product":"chat"}]}""")).Single()!;

        Assert.Equal("chat", (string?)(await client.Webhook(hook))["channels"]![0]);
        Assert.Equal("chat", (string?)hook["product"]);
    }

    [Fact]
    public async Task One_broken_hook_leaves_all_as_they_were_and_every_fault_is_named()
    {
        var client = await GetStreamClient.Of(platform);
        await client.Hooks($$"""{"event_hooks":[{{One}}]}""");
        var error = (await client.Patch($$"""
            {"event_hooks":[{{Two}},{"hook_type":"webhook","webhook_url":"http://169.254.169.254/"},{"hook_type":"webhook","event_types":["a b"]}]}
            """)).Expect(400);

        Assert.Equal(4, (int?)error["code"]);
        var faults = error["exception_fields"]!.AsObject().Select(f => f.Key);
        Assert.Equal(["event_hooks[1].webhook_url", "event_hooks[2].event_types[0]", "event_hooks[2].webhook_url"], faults.Order(StringComparer.Ordinal));
        Assert.Equal("http://127.0.0.1:9/one", (string?)(await client.App())["event_hooks"]!.AsArray().Single()!["webhook_url"]);
    }

    [Theory]
    [InlineData("""{"hook_type":"pending_message","webhook_url":"http://127.0.0.1:9/x","callback":{"mode":"CALLBACK_MODE_REST"}}""", "hook_type")]
    [InlineData("""{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","callback":{"mode":"CALLBACK_MODE_TWIRP"}}""", "callback.mode")]
    [InlineData("""{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","failover_config":{"type":"gcs","gcs_bucket":"b"}}""", "failover_config.type")]
    [InlineData("""{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","should_send_custom_events":false}""", "should_send_custom_events")]
    [InlineData("""{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","id":"mine"}""", "id")]
    [InlineData("""{"hook_type":"carrier_pigeon"}""", "hook_type")]
    [InlineData("""{"webhook_url":"http://127.0.0.1:9/x"}""", "hook_type")]
    [InlineData("""{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x","colour":"red"}""", "colour")]
    [InlineData("""{"hook_type":"sqs","sqs_queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q","sqs_auth_type":"resource"}""", "sqs_auth_type")]
    public async Task What_cannot_be_met_is_refused_by_name(string hook, string field)
    {
        var error = (await (await GetStreamClient.Of(platform)).Patch($$"""{"event_hooks":[{{hook}}]}""")).Expect(400);
        Assert.Contains($"event_hooks[0].{field}", error["exception_fields"]!.AsObject().Select(f => f.Key));
    }

    [Fact]
    public async Task An_id_given_twice_is_refused()
    {
        var hook = $$"""{"id":"{{Guid.NewGuid()}}","hook_type":"webhook","webhook_url":"http://127.0.0.1:9/x"}""";
        var error = (await (await GetStreamClient.Of(platform)).Patch($$"""{"event_hooks":[{{hook}},{{hook}}]}""")).Expect(400);
        Assert.Equal("event_hooks", error["exception_fields"]!.AsObject().Single().Key);
    }

    [Fact]
    public async Task Settings_of_other_things_than_hooks_are_not_taken_silently()
    {
        var error = (await (await GetStreamClient.Of(platform)).Patch("""{"disable_auth_checks":true}""")).Expect(400);
        Assert.Equal("disable_auth_checks", error["exception_fields"]!.AsObject().Single().Key);
    }

    [Fact]
    public async Task Webhooks_of_other_profiles_are_no_hooks()
    {
        var client = await GetStreamClient.Of(platform);
        (await platform.Service.Post("/v1/webhooks", """{"url":"http://127.0.0.1:9/native"}""", RunningService.Basic(client.Key, client.Secret))).Expect(201);

        Assert.Empty(await client.Hooks("""{"event_hooks":[]}"""));
        Assert.Single((await platform.Service.Get($"/v1/webhooks?company_sid={client.Company}")).Expect(200)["webhooks"]!.AsArray());
    }

    [Fact]
    public async Task A_change_that_was_saved_before_the_database_went_away_is_not_called_nothing()
    {
        await using var own = new Platform();
        await own.InitializeAsync();
        var client = await GetStreamClient.Of(own);
        await using var breaks = own.Service.Database.DataSource.CreateCommand("""
            create function public.away() returns boolean language plpgsql as $$ begin raise 'away' using errcode = 'disk_full'; end $$;
            create function public.go_away() returns trigger language plpgsql as $$ begin
                if to_regclass('read.companies_before') is null then
                    alter table read.companies rename to companies_before;
                    create view read.companies as select * from read.companies_before where public.away();
                end if;
                return null;
            end $$;
            create constraint trigger at_commit after insert on es.events deferrable initially deferred for each row execute function public.go_away();
            """);
        await breaks.ExecuteNonQueryAsync();

        var answer = await client.Patch($$"""{"event_hooks":[{{One}}]}""");

        Assert.Equal((503, "/problems/database.unavailable_after_saving"), (answer.Status, (string?)answer.Json["more_info"]));
        await using var facts = own.Service.Database.DataSource.CreateCommand("select count(*) from es.events where type like 'webhook.created%'");
        Assert.Equal(1L, await facts.ExecuteScalarAsync());
    }
}
