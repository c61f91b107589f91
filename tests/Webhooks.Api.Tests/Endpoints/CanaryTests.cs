using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>One secret of every kind goes in, through good requests and bad ones; then every table, every line of the log and every answer is searched.</summary>
public sealed class CanaryTests : IAsyncLifetime
{
    private const string Canary = "canary-7f3a";

    private readonly RunningService _service = new();
    private readonly Lines _log = new();
    private readonly List<string> _answers = [];
    private string _privateKey = "";

    public async ValueTask InitializeAsync()
    {
        _service.Configure = builder => builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log);
        await _service.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Secrets_of_every_kind_stand_in_no_table_no_log_no_metric_and_no_problem()
    {
        var customer = await Customer.Of(_service);
        await using var receiver = await Receiver.Start();
        string[] webhooks =
        [
            $$"""{"url":"{{receiver.Url}}","headers":[{"name":"X-Token","value":"{{Canary}}"}],"auth":{"kind":"basic","user":"u","password":"{{Canary}}"} }""",
            $$"""{"url":"https://127.0.0.1:{{FreePort.Find()}}/","auth":{"kind":"bearer","token":"{{Canary}}"},"transport":{"client_certificate":{{Certificate()}} } }""",
            $$"""{"url":"{{receiver.Url}}","auth":{"kind":"oauth2_client_credentials","token_url":"{{receiver.Url}}","client_id":"c","client_secret":"{{Canary}}"} }""",
            $$"""{"destination":{"kind":"sqs","queue_url":"http://127.0.0.1:{{FreePort.Find()}}/1/q","region":"eu-west-1","access":{"kind":"keys","access_key_id":"A","secret_access_key":"{{Canary}}"} } }""",
            $$"""{"destination":{"kind":"rabbitmq","url":"amqp://127.0.0.1:{{FreePort.Find()}}/v","user":"u","password":"{{Canary}}","exchange":"e"} }""",
            $$"""{"url":"{{receiver.Url}}","signature_scheme":"github","signing_key":{"shared_secret":"{{Canary}}"} }""",
        ];
        foreach (var webhook in webhooks)
        {
            var sid = (string)(await customer.Create(webhook)).Expect(201)["webhook"]!["sid"]!;
            await Kept(customer.Post($"/v1/webhooks/{sid}/~test"));
            await Kept(customer.Patch(sid, """{"label":"changed"}"""), mayShowHeaders: true);
            await Kept(customer.Get($"/v1/webhooks/{sid}/history"));
            await Kept(customer.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"kind":"ed25519","shared_secret":"{{Canary}}"}"""));
        }

        // What is refused is quoted by nobody.
        foreach (var broken in webhooks.Select(w => w.Replace("\"url\":\"http", "\"url\":\"gopher", StringComparison.Ordinal).Replace("http://127.0.0.1", "ftp://127.0.0.1", StringComparison.Ordinal).Replace("amqp:", "http:", StringComparison.Ordinal)))
        {
            var refused = await customer.Create(broken);
            Assert.Equal(422, refused.Status);
            _answers.Add(refused.Text);
        }

        await Kept(customer.Create($"{{\"url\":\"{Canary}"));
        (await _service.Post($"/v1/companies/{customer.Company}/api-keys", $$"""{"label":"k","scopes":["read"],"kind":"shared_secret","secret":"{{Canary}}-of-thirty-two-characters-or-more"}""")).Expect(201);
        await Kept(_service.Get("/v1/webhooks", RunningService.Basic("key_01h455vb4pex5vsknk084sn02q", Canary)));
        await Kept(_service.Get("/v1/webhooks", $"Bearer {Canary}.{Canary}.{Canary}"));
        await Kept(_service.Get("/metrics"));

        var places = _answers.Concat(_log.All).Concat(await Tables()).ToList();
        Assert.True(places.Count > 100, "There is something to search.");
        string[] needles = [_privateKey, Canary, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Canary)), Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..12]];
        Assert.All(places, place => Assert.All(needles, needle => Assert.DoesNotContain(needle, place, StringComparison.OrdinalIgnoreCase)));
    }

    private async Task Kept(Task<Answer> answer, bool mayShowHeaders = false)
    {
        var text = (await answer).Text;
        _answers.Add(mayShowHeaders ? text.Replace($"\"value\":\"{Canary}\"", "", StringComparison.Ordinal) : text);
    }

    /// <summary>Every row of every table; bytes stand in it as hex.</summary>
    private async Task<IReadOnlyList<string>> Tables()
    {
        var rows = new List<string>();
        foreach (var table in await Rows("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('es', 'delivery', 'read')"))
        {
            rows.AddRange(await Rows($"select t::text from {table} t"));
        }

        return rows;
    }

    private async Task<List<string>> Rows(string sql)
    {
        await using var command = _service.Database.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    /// <summary>Its private key is the secret; a canary in it would be no key.</summary>
    private string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _privateKey = key.ExportPkcs8PrivateKeyPem().Split('\n')[1];
        using var certificate = new CertificateRequest("CN=sender", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new JsonObject { ["certificate"] = certificate.ExportCertificatePem(), ["private_key"] = key.ExportPkcs8PrivateKeyPem() }.ToJsonString();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = [];

        public IReadOnlyCollection<string> All => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose() => GC.SuppressFinalize(this);
    }
}
