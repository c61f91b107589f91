using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;
using Webhooks.Delivery.Tests.Sending;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>
/// A RabbitMQ of the test's own, on loopback: the one that is installed, or the one that <c>.ci/rabbitmq</c> has unpacked.
/// Without either these tests are skipped, and <c>./test</c> says so: a faked peer would prove nothing.
/// </summary>
public sealed class RabbitMqBroker : IAsyncLifetime
{
    private readonly string _folder = TemporaryFolder.Create();
    private readonly List<Process> _processes = [];
    private readonly Certificates _certificates = new();

    public const string Missing = "RabbitMQ is missing: install the package rabbitmq-server, or run .ci/rabbitmq, which unpacks it for the tests alone.";

    public bool IsThere { get; } = Root() is not null;
    public int Port { get; } = FreePort.Find();
    public int TlsPort { get; } = FreePort.Find();

    /// <summary>The authority that its certificate, for 127.0.0.1, is of.</summary>
    public string RootPem => _certificates.RootPem;

    public async ValueTask InitializeAsync()
    {
        if (Root() is not { } root)
        {
            return;
        }

        var erlang = Path.Combine(root, "usr/lib/erlang");
        var erts = Directory.GetDirectories(erlang, "erts-*").Single();
        var server = Directory.GetDirectories(Path.Combine(root, "usr/lib/rabbitmq/lib"), "rabbitmq_server-*").Single();
        var (registry, distribution) = (FreePort.Find(), FreePort.Find());
        var erl = Path.Combine(_folder, "erl");

        // Erlang's own script knows one place only.
        await File.WriteAllTextAsync(erl, $"#!/bin/sh\nexport ROOTDIR='{erlang}' BINDIR='{erts}/bin' EMU=beam PROGNAME=erl\nexec '{erts}/bin/erlexec' \"$@\"\n");
        File.SetUnixFileMode(erl, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await Configure();
        var settings = new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = $"{registry}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"test{Port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{distribution}",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(_folder, "generated"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = Path.Combine(_folder, "flags"),
            // The script then becomes the server, so that its process is the one to end.
            ["detached"] = "1",
        };
        Run(Path.Combine(erts, "bin/epmd"), settings);
        var broker = Run(Path.Combine(server, "sbin/rabbitmq-server"), settings);
        await Eventually.Is(
            async () =>
            {
                Assert.False(broker.HasExited, "RabbitMQ ended before it took a connection.");
                return await Listens(Port) && await Listens(TlsPort);
            },
            "RabbitMQ takes connections", TimeSpan.FromMinutes(2));
    }

    public async Task<IConnection> Connect() =>
        await new ConnectionFactory { HostName = "127.0.0.1", Port = Port, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(TestContext.Current.CancellationToken);

    private async Task Configure()
    {
        using var certificate = _certificates.Server("127.0.0.1");
        using var key = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(Path.Combine(_folder, "certificate.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "root.pem"), RootPem);
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.certfile = {_folder}/certificate.pem
            ssl_options.keyfile = {_folder}/key.pem
            ssl_options.cacertfile = {_folder}/root.pem

            """);
    }

    private static async Task<bool> Listens(int port)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? Root()
    {
        string[] places = ["/", Environment.GetEnvironmentVariable("WEBHOOKS_RABBITMQ") ?? "", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/webhooks/rabbitmq")];
        return places.FirstOrDefault(p => p.Length > 0 && Directory.Exists(Path.Combine(p, "usr/lib/rabbitmq/lib")));
    }

    private Process Run(string program, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        _certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
