using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Http;

/// <summary>Every route that the OpenAPI document has, asked by one company for what is another's: a new route is in here by itself.</summary>
public sealed class OtherTenantsTests(Platform platform) : IClassFixture<Platform>
{
    private static readonly string[] Verbs = ["get", "post", "put", "patch", "delete"];

    /// <summary>Public keys are for anybody who receives.</summary>
    private static readonly string[] Public = ["get /v1/webhooks/{sid}/public-keys"];

    private RunningService Service => platform.Service;

    [Fact]
    public async Task What_is_anothers_can_not_be_told_from_what_does_not_exist()
    {
        var (theirs, mine) = (await Belongings.Of(platform), await platform.GivenTenant());
        var operations = Operations(await Document()).Where(o => o.Path.Contains('{', StringComparison.Ordinal) && !Public.Contains($"{o.Verb} {o.Path}")).ToList();
        Assert.True(operations.Count > 30, "The document has routes of single resources.");
        var before = await theirs.State();
        foreach (var (verb, path) in operations)
        {
            var foreign = await Ask(verb, path, theirs.Sids, mine.Key);
            var unknown = await Ask(verb, path, theirs.Unknown, mine.Key);
            Assert.True(foreign.Status is >= 400 and < 500, $"{verb} {path} answered {foreign.Status}: {foreign.Text}");
            Assert.True((foreign.Status, Code(foreign)) == (unknown.Status, Code(unknown)), $"{verb} {path}: {foreign.Text} beside {unknown.Text}");
            Assert.All(theirs.Secrets, secret => Assert.DoesNotContain(secret, foreign.Text, StringComparison.Ordinal));
        }

        Assert.Equal(before, await theirs.State());
    }

    [Fact]
    public async Task Lists_hold_nothing_of_others()
    {
        var (theirs, mine) = (await Belongings.Of(platform), await platform.GivenTenant());
        var shown = theirs.Sids.Values.Except([Belongings.Projection]).Concat(theirs.Secrets).ToList();
        foreach (var (verb, path) in Operations(await Document()).Where(o => o.Verb == "get" && !o.Path.Contains('{', StringComparison.Ordinal)))
        {
            var answer = await Ask(verb, path, theirs.Sids, mine.Key);
            Assert.All(shown, sid => Assert.False(answer.Text.Contains(sid, StringComparison.Ordinal), $"{path} shows {sid}"));
            var asked = await Ask(verb, $"{path}?company_sid={theirs.Company}", theirs.Sids, mine.Key);
            Assert.All(shown.Where(s => s != theirs.Company), sid => Assert.False(asked.Text.Contains(sid, StringComparison.Ordinal), $"{path} by company shows {sid}"));
        }
    }

    private Task<Answer> Ask(string verb, string path, IReadOnlyDictionary<string, string> sids, string key)
    {
        foreach (var (place, sid) in sids.OrderByDescending(s => s.Key.Length))
        {
            path = path.Replace(place, $"{place[..(place.LastIndexOf('/') + 1)]}{sid}", StringComparison.Ordinal);
        }

        Assert.DoesNotContain("{", path, StringComparison.Ordinal);
        return Service.Send(new HttpMethod(verb.ToUpperInvariant()), path, verb is "get" or "delete" ? null : "{}", key);
    }

    private async Task<JsonNode> Document() => (await Service.Get("/openapi/v1.json")).Expect(200);

    private static IEnumerable<(string Verb, string Path)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(o => Verbs.Contains(o.Key)).Select(o => (o.Key, p.Key)));

    /// <summary>A problem's type, or what AIOZ's clients read.</summary>
    private static string? Code(Answer answer) => (string?)(answer.Json["type"] ?? answer.Json["message"]);

    /// <summary>One of everything that a company has.</summary>
    private sealed record Belongings(Platform Platform, Tenant Tenant, Dictionary<string, string> Sids, Dictionary<string, string> Unknown, string[] Secrets)
    {
        /// <summary>Of the installation, not of a company: its routes are closed to both.</summary>
        public const string Projection = "deliveries";

        public string Company => Tenant.Company;

        public static async Task<Belongings> Of(Platform platform)
        {
            var tenant = await platform.GivenTenant();
            var path = Tenant.NewPath();
            var service = platform.Service;
            var made = (await service.Post("/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","label":"theirs alone"}""", tenant.Key)).Expect(201);
            var (webhook, key) = ((string)made["webhook"]!["sid"]!, made["signing_key"]!);
            var e = await tenant.Accepted("their.type", "{}");
            var delivery = await tenant.DeliverySid(e);
            (await service.Post("/v1/event-types", """{"name":"their.type"}""", tenant.Key)).Expect(201);
            var apiKey = (await service.GivenApiKey(tenant.Company, "read")).Sid;
            var aioz = (string)(await service.Post("/api/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","file_received":true}""", tenant.Key)).Expect(201)["data"]!["webhook"]!["id"]!;
            return new Belongings(
                platform,
                tenant,
                new()
                {
                    ["/v1/companies/{sid}"] = tenant.Company,
                    ["api-keys/{key_sid}"] = apiKey,
                    ["/v1/webhooks/{sid}"] = webhook,
                    ["signing-keys/{key_sid}"] = (string)key["sid"]!,
                    ["/v1/events/{sid}"] = (string)e["sid"]!,
                    ["/v1/deliveries/{sid}"] = delivery,
                    ["/v1/event-types/{sid}"] = await TypeSid(service, tenant),
                    ["/api/webhooks/{id}"] = aioz,
                    ["/check/{id}"] = aioz,
                    ["/v1/admin/projections/{name}"] = Projection,
                },
                new()
                {
                    ["/v1/companies/{sid}"] = "com_01h455vb4pex5vsknk084sn02q",
                    ["api-keys/{key_sid}"] = "key_01h455vb4pex5vsknk084sn02q",
                    ["/v1/webhooks/{sid}"] = "wh_01h455vb4pex5vsknk084sn02q",
                    ["signing-keys/{key_sid}"] = "sgk_01h455vb4pex5vsknk084sn02q",
                    ["/v1/events/{sid}"] = "evt_01h455vb4pex5vsknk084sn02q",
                    ["/v1/deliveries/{sid}"] = "dlv_01h455vb4pex5vsknk084sn02q",
                    ["/v1/event-types/{sid}"] = "ety_01h455vb4pex5vsknk084sn02q",
                    ["/api/webhooks/{id}"] = "01890a5d-ac96-774b-bcce-b302099a8057",
                    ["/check/{id}"] = "01890a5d-ac96-774b-bcce-b302099a8057",
                    ["/v1/admin/projections/{name}"] = Projection,
                },
                [(string)key["shared_secret"]!, "theirs alone"]);
        }

        /// <summary>All that could be changed: the versions of what there is, and how much there is.</summary>
        public async Task<string> State()
        {
            var texts = new List<string>();
            foreach (var path in new[] { $"/v1/companies/{Company}", $"/v1/companies/{Company}/api-keys", "/v1/webhooks", $"/v1/webhooks/{Sids["/v1/webhooks/{sid}"]}/signing-keys", "/v1/event-types", "/v1/events" })
            {
                var json = (await Platform.Service.Get(path, path.Contains("companies", StringComparison.Ordinal) ? RunningService.Admin : Tenant.Key)).Expect(200).AsObject();
                json.Remove("as_of");
                texts.Add(json.ToJsonString());
            }

            return string.Join('\n', texts);
        }

        private static async Task<string> TypeSid(RunningService service, Tenant tenant) =>
            (string)(await service.Get("/v1/event-types/their.type", tenant.Key)).Expect(200)["event_type"]!["sid"]!;
    }
}
