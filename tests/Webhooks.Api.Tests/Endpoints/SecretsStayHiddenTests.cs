namespace Webhooks.Api.Tests.Endpoints;

/// <summary>Looks for secrets that were put in, wherever they must not come out.</summary>
public sealed class SecretsStayHiddenTests(RunningService service) : IClassFixture<RunningService>
{
    private const string HeaderCanary = "Bearer header-canary-1";
    private const string KeyCanary = "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5";

    [Fact]
    public async Task Secrets_are_shown_by_the_answers_that_show_them_and_nowhere_else()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var created = (await customer.Create($$"""{"url":"{{receiver.Url}}","headers":[{"name":"Authorization","value":"{{HeaderCanary}}"},{"name":"X-Plain","value":"plain"}]}""")).Expect(201);
        var sid = (string)created["webhook"]!["sid"]!;
        var made = (string)created["signing_key"]!["shared_secret"]!;
        var added = (await customer.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"shared_secret":"{{KeyCanary}}"}""")).Expect(201)["signing_key"]!;
        var rotated = (string)(await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate")).Expect(201)["signing_key"]!["shared_secret"]!;
        string[] secrets = [HeaderCanary, KeyCanary, made, rotated];

        Assert.Equal(HeaderCanary, (string?)(await customer.Webhook(sid))["headers"]![0]!["value"]);
        Assert.Equal(KeyCanary, (string?)(await customer.Get($"/v1/webhooks/{sid}/signing-keys/{added["sid"]}")).Expect(200)["signing_key"]!["shared_secret"]);

        foreach (var key in new[] { customer.Manager, customer.Reader, RunningService.Admin })
        {
            foreach (var path in new[] { $"/v1/webhooks?company_sid={customer.Company}", $"/v1/webhooks/{sid}/signing-keys", $"/v1/webhooks/{sid}/history" })
            {
                Hides(await service.Get(path, key), secrets);
            }
        }

        var asReader = await service.Get($"/v1/webhooks/{sid}", customer.Reader);
        Hides(asReader, secrets);
        Assert.Equal(["[redacted]", "plain"], asReader.Json["webhook"]!["headers"]!.AsArray().Select(h => (string)h!["value"]!));
        Hides(await service.Get($"/v1/webhooks/{sid}/signing-keys/{added["sid"]}", customer.Reader), secrets);
        Hides(await customer.Post($"/v1/webhooks/{sid}/~test"), secrets);
        Assert.Equal(HeaderCanary, Assert.Single(receiver.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task A_secret_stands_nowhere_in_the_database()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($$"""
            "headers":[{"name":"X-Api-Key","value":"{{HeaderCanary}}"}]
            """);
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"shared_secret":"{{KeyCanary}}"}""")).Expect(201);

        foreach (var sql in new[] { "select string_agg(encode(data, 'escape'), ' ') from es.events", "select string_agg(encode(state, 'escape'), ' ') from read.webhooks" })
        {
            await using var command = service.Database.DataSource.CreateCommand(sql);
            var text = (string)(await command.ExecuteScalarAsync())!;
            Assert.Contains("hooks.example.com", text, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
            Assert.DoesNotContain(KeyCanary["whsec_".Length..], text, StringComparison.Ordinal);
        }
    }

    private static void Hides(Answer answer, string[] secrets)
    {
        answer.Expect(200);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer.Text, StringComparison.Ordinal));
    }
}
