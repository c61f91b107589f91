using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Hosting;

public sealed class StartTests : IDisposable
{
    private readonly string _folder = TemporaryFolder.Create();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_first_start_shows_an_admin_key_that_works_and_the_second_shows_none()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var address = Address();
        using (var service = Start(address, database.ConnectionString))
        {
            await service.Listens();
            await Eventually.Is(() => Regex.IsMatch(service.Output, @"key_\w+\s+secret\s+\w+", RegexOptions.ExplicitCapture), "the key is shown");
            Assert.InRange(service.Output.Split('\n').Length, 1, 10);
            var key = Regex.Match(service.Output, @"id\s+(?<id>key_\w+)\s+secret\s+(?<secret>\w+)", RegexOptions.ExplicitCapture);
            using var http = new HttpClient();
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", RunningService.Basic(key.Groups["id"].Value, key.Groups["secret"].Value));
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{address}/v1/companies")).StatusCode);
            service.Signal("TERM");
            Assert.Equal(0, await service.Exits());
            Assert.Equal("", service.Errors);
        }

        using var again = Start(address, database.ConnectionString);
        await again.Listens();
        again.Signal("INT");
        Assert.Equal(0, await again.Exits());
        Assert.DoesNotContain("secret", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_embedded_database_stops_with_the_service_and_is_found_again()
    {
        var address = Address();
        for (var run = 1; run <= 2; run++)
        {
            using var service = ServiceProcess.Start(address, ("Webhooks__DataDirectory", _folder), ("Webhooks__BootstrapKey", "admin:admin-secret"));
            await service.Listens();
            using var http = new HttpClient();
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", RunningService.Basic("admin", "admin-secret"));
            using var body = new StringContent("""{"code":"acme","name":"Acme"}""", System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(run == 1 ? HttpStatusCode.Created : HttpStatusCode.Conflict, (await http.PostAsync($"{address}/v1/companies", body)).StatusCode);
            service.Signal("TERM");
            Assert.Equal(0, await service.Exits());
            Assert.False(File.Exists(Path.Combine(_folder, "postgres", "cluster", "postmaster.pid")));
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_sentence()
    {
        await using var database = await TestDatabase.CreateEmpty();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await Refuses(Start($"http://127.0.0.1:{port}", database.ConnectionString), $"{port}", "--urls");

        // The start that failed issued no key that nobody saw.
        await using var keys = database.DataSource.CreateCommand("select count(*) from read.api_keys");
        Assert.Equal(0L, await keys.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:99999")]
    public async Task An_address_that_is_none_is_said_in_one_sentence(string address)
    {
        await using var database = await TestDatabase.CreateEmpty();
        await Refuses(Start(address, database.ConnectionString), "address to listen on", "--urls");
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_said_without_repeating_it() =>
        Assert.DoesNotContain("hunter2", await Refuses(Start(Address(), "Hose=localhost;Password=hunter2"), "ConnectionStrings__Postgres"), StringComparison.Ordinal);

    [Fact]
    public Task A_database_that_does_not_answer_is_said_in_one_sentence() =>
        Refuses(Start(Address(), $"Host=127.0.0.1;Port={FreePort.Find()};Username=x;Password=hunter2;Timeout=5"), "ConnectionStrings__Postgres", "can't be reached");

    [Fact]
    public async Task A_database_that_does_not_exist_is_said_in_one_sentence()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var absent = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "nowhere" };
        await Refuses(Start(Address(), absent.ConnectionString), "does not exist", "nowhere");
    }

    [Fact]
    public async Task A_data_directory_that_can_not_be_written_is_said_in_one_sentence()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        await Refuses(ServiceProcess.Start(Address(), ("Webhooks__DataDirectory", Path.Combine(file, "data"))), "data directory", "Webhooks__DataDirectory");
    }

    [Fact]
    public Task A_faulty_setting_is_said_in_one_sentence() =>
        Refuses(ServiceProcess.Start(Address(), ("Webhooks__Delivery__MaxAttempts", "1000")), "Webhooks:Delivery:MaxAttempts must be 1 to 50");

    [Fact]
    public async Task Missing_PostgreSQL_programs_are_said_in_one_sentence() =>
        await Refuses(ServiceProcess.Start(Address(), ("Webhooks__DataDirectory", _folder), ("Webhooks__PostgresBinDirectory", Path.Combine(_folder, "nothing"))), "PostgreSQL");

    [Fact]
    public async Task A_bootstrap_key_that_changed_its_secret_is_refused()
    {
        await using var database = await TestDatabase.CreateEmpty();
        using (var first = Start(Address(), database.ConnectionString, ("Webhooks__BootstrapKey", "robot:first-secret")))
        {
            await first.Listens();
            first.Signal("TERM");
            await first.Exits();
        }

        var error = await Refuses(Start(Address(), database.ConnectionString, ("Webhooks__BootstrapKey", "robot:second-secret")), "Webhooks:BootstrapKey", "another id");
        Assert.DoesNotContain("second-secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_master_key_than_the_datas_is_refused()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var address = Address();
        using (var first = Start(address, database.ConnectionString, ("Webhooks__BootstrapKey", "admin:admin-secret"), ("Webhooks__MasterKey", Convert.ToBase64String(new byte[32]))))
        {
            await first.Listens();
            using var http = new HttpClient();
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", RunningService.Basic("admin", "admin-secret"));
            using var company = new StringContent("""{"code":"acme","name":"Acme"}""", System.Text.Encoding.UTF8, "application/json");
            var registered = await (await http.PostAsync($"{address}/v1/companies", company)).Content.ReadAsStringAsync();
            var sid = Regex.Match(registered, "com_\\w+", RegexOptions.ExplicitCapture).Value;
            using var webhook = new StringContent($$"""{"company_sid":"{{sid}}","url":"https://example.com/hook"}""", System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(HttpStatusCode.Created, (await http.PostAsync($"{address}/v1/webhooks", webhook)).StatusCode);
            first.Signal("TERM");
            await first.Exits();
        }

        await Refuses(Start(Address(), database.ConnectionString, ("Webhooks__MasterKey", Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]))), "master key");
    }

    private ServiceProcess Start(string address, string connectionString, params (string Name, string Value)[] settings) =>
        ServiceProcess.Start(address, [("ConnectionStrings__Postgres", connectionString), ("Webhooks__DataDirectory", _folder), .. settings]);

    private static async Task<string> Refuses(ServiceProcess service, params string[] words)
    {
        using (service)
        {
            Assert.Equal(1, await service.Exits());
            Assert.Single(service.Errors.Split('\n'));
            Assert.DoesNotContain("   at ", service.Errors, StringComparison.Ordinal);
            Assert.All(words, word => Assert.Contains(word, service.Errors, StringComparison.Ordinal));
            return service.Errors;
        }
    }

    private static string Address() => $"http://127.0.0.1:{FreePort.Find()}";
}
