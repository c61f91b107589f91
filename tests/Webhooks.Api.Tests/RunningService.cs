using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Hosting;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Api.Tests;

/// <summary>The whole service in this process, on a real port and a database of its own. One per test class: <c>IClassFixture&lt;RunningService&gt;</c>.</summary>
public sealed class RunningService : IAsyncLifetime
{
    public const string AdminName = "test-admin";
    public const string AdminSecret = "test-admin-secret";

    private readonly string _folder = TemporaryFolder.Create();
    private HttpClient? _http;
    private WebApplication? _app;
    private TestDatabase? _database;

    public static string Admin { get; } = Basic(AdminName, AdminSecret);

    /// <summary>Set before <see cref="InitializeAsync"/>: settings beside those of every test, such as <c>Webhooks:Role</c>.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Set before <see cref="InitializeAsync"/>: further services, such as a log of the test's own.</summary>
    public Action<WebApplicationBuilder>? Configure { get; set; }

    public TestDatabase Database => _database!;
    public HttpClient Http => _http!;
    public Uri Address => _http!.BaseAddress!;
    public IServiceProvider Services => _app!.Services;

    public static string Basic(string name, string secret) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{secret}"))}";

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create(
            (source, ct) => new Migrator(source, Api.Hosting.Database.SchemaAssemblies).Migrate(ct),
            [.. Api.Hosting.Database.SchemaAssemblies]);
        await Start(_database);
    }

    /// <summary>Stops the service as a signal does, and starts it again on the same database.</summary>
    public async Task Restart()
    {
        await Stop();
        await Start(_database!);
    }

    private async Task Start(TestDatabase database)
    {
        _app = await WebhooksHost.Build(["--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(Defaults(database)).AddInMemoryCollection(Settings);
            Configure?.Invoke(builder);
        });
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
    }

    /// <summary>Receivers of tests listen on loopback. A machine that stands still for some seconds is no test's subject: no event is refused for it, and no shard given up.</summary>
    private Dictionary<string, string?> Defaults(TestDatabase database) => new(StringComparer.Ordinal)
    {
        ["ConnectionStrings:Postgres"] = database.ConnectionString,
        ["Webhooks:DataDirectory"] = _folder,
        ["Webhooks:BootstrapKey"] = $"{AdminName}:{AdminSecret}",
        ["Webhooks:MasterKey"] = Convert.ToBase64String(new byte[32]),
        ["Webhooks:Egress:AllowNetworks"] = "127.0.0.0/8",
        ["Webhooks:Delivery:AcceptSeconds"] = "60",
        ["Webhooks:Delivery:LeaseSeconds"] = "60",
    };

    /// <param name="authorization">Null: none.</param>
    public Task<Answer> Send(HttpMethod method, string path, string? json, string? authorization, params (string Name, string Value)[] headers) =>
        Send(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")), authorization, headers);

    public async Task<Answer> Send(HttpMethod method, string path, HttpContent? content, string? authorization, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return await Answer.Read(response);
    }

    public Task<Answer> Get(string path, string? authorization = null) => Send(HttpMethod.Get, path, (string?)null, authorization ?? Admin);

    public Task<Answer> Post(string path, string? json, string? authorization = null) => Send(HttpMethod.Post, path, json, authorization ?? Admin);

    public Task<Answer> Delete(string path, string? authorization = null) => Send(HttpMethod.Delete, path, (string?)null, authorization ?? Admin);

    /// <summary>A new company.</summary>
    /// <returns>Its sid.</returns>
    public async Task<string> GivenCompany()
    {
        var code = $"c-{Guid.NewGuid():N}";
        return (await Post("/v1/companies", $$"""{"code":"{{code}}","name":"Company {{code}}"}""")).Expect(201)["company"]!["sid"]!.GetValue<string>();
    }

    /// <summary>A new key of a company.</summary>
    /// <returns>Its Authorization header.</returns>
    public async Task<string> GivenKey(string company, params string[] scopes)
    {
        var key = await GivenApiKey(company, scopes);
        return Basic(key.Sid, key.Secret);
    }

    public async Task<(string Sid, string Secret)> GivenApiKey(string company, params string[] scopes)
    {
        var list = string.Join(",", scopes.Select(s => $"\"{s}\""));
        var key = (await Post($"/v1/companies/{company}/api-keys", $$"""{"label":"Test","scopes":[{{list}}]}""")).Expect(201)["api_key"]!;
        return (key["sid"]!.GetValue<string>(), key["secret"]!.GetValue<string>());
    }

    /// <summary>A new key whose secret signs tokens.</summary>
    public async Task<(string Sid, string Secret)> GivenSharedSecret(string company, params string[] scopes)
    {
        var list = string.Join(",", scopes.Select(s => $"\"{s}\""));
        var key = (await Post($"/v1/companies/{company}/api-keys", $$"""{"label":"Test","kind":"shared_secret","scopes":[{{list}}]}""")).Expect(201)["api_key"]!;
        return (key["sid"]!.GetValue<string>(), key["secret"]!.GetValue<string>());
    }

    public async Task Stop()
    {
        _http?.Dispose();
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
