using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>auth and transport: from the body of a request to what the receiver gets, what the audit shows and what nobody is shown.</summary>
public sealed class TransportTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Canary = "canary-secret-7";
    private static readonly (string Certificate, string Key) Pair = Make(validDays: 30);

    [Theory]
    [InlineData("""{"kind":"basic","user":"us","password":"canary-secret-7"}""", "Basic dXM6Y2FuYXJ5LXNlY3JldC03")]
    [InlineData("""{"kind":"bearer","token":"canary-secret-7"}""", "Bearer canary-secret-7")]
    public async Task Credentials_reach_the_receiver_and_nobody_else(string auth, string header)
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($"\"auth\":{auth}", receiver.Url);
        var test = await customer.Post($"/v1/webhooks/{sid}/~test");
        Assert.Equal(header, Assert.Single(receiver.Requests).Headers["Authorization"]);
        var shown = test.Expect(200)["test"]!["attempt"]!["request_headers"]!.AsArray().Single(h => (string?)h!["name"] == "Authorization");
        Assert.Equal("[redacted]", (string?)shown!["value"]);
        Assert.DoesNotContain(header, test.Text, StringComparison.Ordinal);
        await HidesEverywhere(customer, sid, [Canary, header]);
    }

    [Fact]
    public async Task A_token_is_fetched_for_the_receiver_and_a_fault_of_its_endpoint_is_told()
    {
        await using var receiver = await Receiver.Start();
        await using var endpoint = await Receiver.Start();
        endpoint.Answer = """{"access_token":"canary-token-8","expires_in":3600}""";
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($$"""
            "auth":{"kind":"oauth2_client_credentials","token_url":"{{endpoint.Url}}","client_id":"id","client_secret":"{{Canary}}","scope":"a b"}
            """, receiver.Url);
        Assert.True((bool)(await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["succeeded"]!);
        Assert.True((bool)(await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["succeeded"]!);
        Assert.Equal("grant_type=client_credentials&scope=a+b", Assert.Single(endpoint.Requests).Body);
        Assert.All(receiver.Requests, r => Assert.Equal("Bearer canary-token-8", r.Headers["Authorization"]));
        await HidesEverywhere(customer, sid, [Canary, "canary-token-8"]);

        (endpoint.Status, endpoint.Answer) = (400, """{"error":"invalid_scope"}""");
        (await customer.Patch(sid, """{"auth":{"scope":"c"}}""")).Expect(200);
        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        Assert.Equal(("auth", "The token endpoint answered 400 (invalid_scope)."), ((string?)test["error_class"], (string?)test["detail"]));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_compressed_and_traced_request_verifies_once_unpacked_and_is_audited_as_sent()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var created = (await customer.Create($$"""{"url":"{{receiver.Url}}","transport":{"compression":"gzip","traceparent":true} }""")).Expect(201);
        var sid = (string)created["webhook"]!["sid"]!;
        var attempt = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["attempt"]!;

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("gzip", request.Headers["Content-Encoding"]);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", request.Headers["traceparent"]);
        var key = Convert.FromBase64String(((string)created["signing_key"]!["shared_secret"]!)["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{request.Body}");
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), request.Headers["webhook-signature"]);

        string[] told = ["Host", "Content-Length"];
        Assert.Equal(
            request.Headers.Where(h => !told.Contains(h.Key)).Select(h => $"{h.Key}: {h.Value}").Order(StringComparer.OrdinalIgnoreCase),
            attempt["request_headers"]!.AsArray().Select(h => $"{h!["name"]}: {h["value"]}").Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task What_is_redacted_is_kept_when_it_is_sent_back_and_null_takes_it_away()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($$"""
            "auth":{"kind":"basic","user":"us","password":"{{Canary}}"},"transport":{"http_version":"2","client_certificate":{{Json(Pair)}} }
            """);
        var before = await customer.Webhook(sid);
        Assert.Equal("""{"kind":"basic","user":"us","password":"[redacted]"}""", before["auth"]!.ToJsonString());
        Assert.Equal("[redacted]", (string?)before["transport"]!["client_certificate"]!["private_key"]);

        var same = (await customer.Put(sid, $$"""{"url":"{{Customer.Url}}","auth":{{before["auth"]!.ToJsonString()}},"transport":{{before["transport"]!.ToJsonString()}} }""")).Expect(200)["webhook"]!;
        Assert.Equal((int)before["version"]!, (int)same["version"]!);

        var patched = (await customer.Patch(sid, """{"label":"x","transport":{"compression":"gzip","http_version":null}}""")).Expect(200)["webhook"]!;
        Assert.Equal(before["auth"]!.ToJsonString(), patched["auth"]!.ToJsonString());
        Assert.Equal("""["compression","client_certificate"]""", new JsonArray([.. patched["transport"]!.AsObject().Select(p => (JsonNode)p.Key)]).ToJsonString());

        await HidesEverywhere(customer, sid, [Canary, Pair.Key.Split('\n')[1]]);
        var without = (await customer.Patch(sid, """{"auth":null,"transport":null}""")).Expect(200)["webhook"]!;
        Assert.Null(without["auth"]);
        Assert.Null(without["transport"]);
    }

    [Theory]
    [InlineData("""{"token_url":"http://127.0.0.1:9/mine"}""")]
    [InlineData("""{"client_id":"other"}""")]
    public async Task A_kept_secret_is_told_to_no_other_token_endpoint(string change)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($$"""
            "auth":{"kind":"oauth2_client_credentials","token_url":"http://127.0.0.1:9/token","client_id":"a","client_secret":"{{Canary}}"}
            """);
        Assert.Equal(["auth.client_secret auth.redacted"], (await customer.Patch(sid, $$"""{"auth":{{change}} }""")).Errors);
        (await customer.Patch(sid, """{"auth":{"scope":"events"}}""")).Expect(200);
    }

    [Fact]
    public async Task The_history_says_that_a_secret_changed_and_not_what_it_is()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"auth\":{\"kind\":\"bearer\",\"token\":\"first\"}");
        (await customer.Patch(sid, $$"""{"auth":{"token":"{{Canary}}"} }""")).Expect(200);
        var changes = (await customer.Get($"/v1/webhooks/{sid}/history")).Expect(200)["history"]!.AsArray()[^1]!["changes"]!.AsArray();
        Assert.Equal("""{"field":"auth","old":{"kind":"bearer","token":"[redacted]"},"new":{"kind":"bearer","token":"[redacted]","value_changed":true}}""", Assert.Single(changes)!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"kind":"digest","user":"a"}""", "auth.kind field.value")]
    [InlineData("""{"user":"a"}""", "auth.kind field.required")]
    [InlineData("""{"kind":"basic","user":"a"}""", "auth.password field.required")]
    [InlineData("""{"kind":"basic","user":"a:b","password":"c"}""", "auth.user auth.user")]
    [InlineData("""{"kind":"basic","user":"a","password":"[redacted]"}""", "auth.password auth.redacted")]
    [InlineData("""{"kind":"basic","user":"a","password":"c","token":"x"}""", "auth.token field.unknown")]
    [InlineData("""{"kind":"bearer","token":"a b"}""", "auth.token auth.token")]
    [InlineData("""{"kind":"oauth2_client_credentials","token_url":"http://10.0.0.1/","client_id":"a","client_secret":"b"}""", "auth.token_url url.blocked")]
    [InlineData("""{"kind":"oauth2_client_credentials","token_url":"http://169.254.169.254/latest","client_id":"a","client_secret":"b"}""", "auth.token_url url.blocked")]
    [InlineData("""{"kind":"oauth2_client_credentials","token_url":"http://a:b@id.example/","client_id":"a","client_secret":"b"}""", "auth.token_url url.userinfo")]
    public async Task Auth_that_breaks_a_rule_is_named(string auth, string error) => await Refused($"\"auth\":{auth}", error);

    [Fact]
    public async Task Auth_and_a_header_authorization_exclude_each_other() =>
        await Refused("""
            "auth":{"kind":"bearer","token":"a"},"headers":[{"name":"authorization","value":"Basic x"}]
            """, "auth auth.authorization_header");

    [Theory]
    [InlineData("""{"http_version":"3"}""", "transport.http_version field.value")]
    [InlineData("""{"compression":"br"}""", "transport.compression field.value")]
    [InlineData("""{"verify":false}""", "transport.verify field.unknown")]
    [InlineData("""{"ca":"rubbish"}""", "transport.ca certificate.form")]
    [InlineData("""{"client_certificate":{"certificate":"rubbish","private_key":"rubbish"}}""", "transport.client_certificate.certificate certificate.form")]
    [InlineData("""{"client_certificate":{"certificate":"rubbish","private_key":"[redacted]"}}""", "transport.client_certificate.private_key certificate.redacted")]
    public async Task Transport_that_breaks_a_rule_is_named(string transport, string error) => await Refused($"\"transport\":{transport}", error);

    [Fact]
    public async Task An_expired_certificate_and_one_without_tls_are_refused()
    {
        await Refused($"\"transport\":{{\"client_certificate\":{Json(Make(validDays: -1))}}}", "transport.client_certificate.certificate certificate.expired");
        await Refused($"\"transport\":{{\"client_certificate\":{Json(Pair)}}}", "transport.client_certificate transport.https_only", "http://hooks.example.com/");
    }

    private async Task Refused(string members, string error, string url = Customer.Url)
    {
        var customer = await Customer.Of(service);
        var errors = (await customer.Create($$"""{"url":"{{url}}",{{members}}}""")).Expect(422)["errors"]!.AsArray();
        Assert.Equal(error, string.Join(", ", errors.Select(e => $"{e!["field"]} {e["code"]}")));
    }

    private async Task HidesEverywhere(Customer customer, string sid, string[] secrets)
    {
        var answers = new List<string>();
        foreach (var path in new[] { $"/v1/webhooks/{sid}", $"/v1/webhooks?company_sid={customer.Company}", $"/v1/webhooks/{sid}/history" })
        {
            answers.Add((await service.Get(path, customer.Manager)).Text);
        }

        foreach (var sql in new[] { "select string_agg(encode(data, 'escape'), ' ') from es.events", "select string_agg(encode(state, 'escape'), ' ') from read.webhooks" })
        {
            await using var command = service.Database.DataSource.CreateCommand(sql);
            answers.Add((string)(await command.ExecuteScalarAsync())!);
        }

        Assert.All(answers, answer => Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer, StringComparison.Ordinal)));
    }

    private static string Json((string Certificate, string Key) pair) => new JsonObject { ["certificate"] = pair.Certificate, ["private_key"] = pair.Key }.ToJsonString();

    private static (string Certificate, string Key) Make(int validDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=sender", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(validDays));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
