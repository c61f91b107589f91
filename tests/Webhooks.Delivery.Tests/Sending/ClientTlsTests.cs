using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public sealed class ClientTlsTests : IDisposable
{
    private const string Name = "receiver.example";
    private readonly Certificates _certificates = new();
    private readonly Certificates _others = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _others.Dispose();
    }

    private EgressClient Client(bool trusting = true, int maxOwnPools = 256) => new(
        new EgressOptions { AllowNetworks = ["127.0.0.0/8"], MaxOwnPools = maxOwnPools }, TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        trusting ? _certificates.Roots : _others.Roots);

    private static OutgoingRequest Request(TlsServer server, TlsIdentity? identity) =>
        Sends.Post(new Uri($"https://{Name}:{server.Port}/")) with { Options = new SendOptions(Tls: identity) };

    private TlsIdentity Showing(Certificates authority, int validDays = 30, string name = "sender")
    {
        var (certificate, key) = authority.Client(name, validDays);
        return new TlsIdentity(certificate, key, null);
    }

    private async Task<(int?, FailureClass?, string?)> Outcome(TlsIdentity? identity, bool trusting = true)
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, _ => Task.CompletedTask, client: shown => shown.Issuer == "CN=Test root" && shown.Verify(_certificates));
        using var client = Client(trusting);
        var result = await client.Send(Request(server, identity));
        return (result.StatusCode, result.Failure, result.Detail);
    }

    [Fact]
    public async Task A_receiver_that_requires_a_certificate_gets_the_webhook_s() => Assert.Equal((200, null, null), await Outcome(Showing(_certificates)));

    [Fact]
    public async Task Without_one_it_hangs_up()
    {
        var (status, failure, _) = await Outcome(null);
        Assert.Null(status);
        // With TLS 1.3 the client is done before the server has judged: the refusal comes as a broken connection.
        Assert.True(failure is FailureClass.Tls or FailureClass.Reset);
    }

    [Fact]
    public async Task With_one_of_an_authority_it_does_not_know_it_hangs_up()
    {
        var (status, failure, _) = await Outcome(Showing(_others));
        Assert.Null(status);
        Assert.True(failure is FailureClass.Tls or FailureClass.Reset);
    }

    [Fact]
    public async Task One_that_has_expired_is_not_even_shown()
    {
        await using var receiver = Receiver.Answering("");
        using var client = Client();
        var request = Sends.Post(new Uri($"https://{Name}:{receiver.Port}/")) with { Options = new SendOptions(Tls: Showing(_certificates, validDays: -1)) };
        var result = await client.Send(request);
        Assert.Equal((FailureClass.Tls, "The webhook's client certificate has expired."), (result.Failure, result.Detail));
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public async Task Authorities_of_the_webhook_s_own_are_trusted()
    {
        var identity = new TlsIdentity(null, null, _certificates.RootPem);
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, _ => Task.CompletedTask);
        using var client = Client(trusting: false);
        Assert.Equal(FailureClass.Tls, (await client.Send(Request(server, null))).Failure);
        Assert.Null((await client.Send(Request(server, identity))).Failure);
        Assert.Equal(FailureClass.Tls, (await client.Send(Request(server, null))).Failure);
    }

    [Fact]
    public async Task Beside_them_the_system_s_are_not()
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, _ => Task.CompletedTask);
        using var client = Client();
        Assert.Null((await client.Send(Request(server, null))).Failure);
        Assert.Equal(FailureClass.Tls, (await client.Send(Request(server, new TlsIdentity(null, null, _others.RootPem)))).Failure);
    }

    [Theory]
    [InlineData("other.example", 30)]
    [InlineData(Name, -1)]
    public async Task Authorities_of_its_own_excuse_neither_a_wrong_name_nor_an_expired_certificate(string name, int validDays)
    {
        using var certificate = _certificates.Server(name, validDays);
        await using var server = await TlsServer.Start(certificate, _ => Task.CompletedTask);
        using var client = Client();
        Assert.Equal(FailureClass.Tls, (await client.Send(Request(server, new TlsIdentity(null, null, _certificates.RootPem)))).Failure);
    }

    [Fact]
    public async Task A_connection_made_with_one_identity_is_no_other_s()
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(
            certificate, http => http.Response.WriteAsync($"{http.Connection.ClientCertificate?.Subject} {http.Connection.Id}"), HttpProtocols.Http1, client: _ => true);
        using var client = Client();
        var (one, two) = (Showing(_certificates, name: "one"), Showing(_certificates, name: "two"));
        var answers = new List<string[]>();
        foreach (var identity in new[] { one, two, one, two })
        {
            answers.Add(System.Text.Encoding.ASCII.GetString((await client.Send(Request(server, identity))).ResponseBody).Split(' '));
        }

        Assert.Equal(["CN=one", "CN=two", "CN=one", "CN=two"], answers.Select(a => a[0]));
        Assert.Equal(2, answers.Select(a => a[1]).Distinct().Count());
    }

    [Fact]
    public async Task The_pool_not_used_for_longest_is_closed_but_never_under_a_request()
    {
        var (arrived, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(
            certificate,
            async http =>
            {
                if (http.Connection.ClientCertificate!.Subject == "CN=slow")
                {
                    arrived.SetResult();
                    await answered.Task;
                }
            },
            client: _ => true);
        using var client = Client(maxOwnPools: 1);
        var slow = client.Send(Request(server, Showing(_certificates, name: "slow")));
        await arrived.Task;
        for (var i = 0; i < 5; i++)
        {
            Assert.Null((await client.Send(Request(server, Showing(_certificates, name: $"other {i}")))).Failure);
        }

        answered.SetResult();
        Assert.Equal((200, null), ((await slow).StatusCode, (await slow).Failure));
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_a_fault_of_ours()
    {
        using var client = Client();
        var result = await client.Send(Sends.Post(new Uri("https://receiver.example/")) with { Options = new SendOptions(Tls: new TlsIdentity("rubbish", "rubbish", null)) });
        Assert.Equal((null, FailureClass.Internal), (result.StatusCode, result.Failure));
        Assert.DoesNotContain("rubbish", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_answers_in_tls_1_1_is_refused()
    {
        var greeting = new TaskCompletionSource<byte[]>();
        await using var receiver = Receiver.Raw(async (stream, ct) =>
        {
            var buffer = new byte[4096];
            var read = await stream.ReadAsync(buffer, ct);
            greeting.SetResult(buffer[..read]);

            // ServerHello: version 3.2 (TLS 1.1), random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
            byte[] hello = [0x03, 0x02, .. new byte[32], 0x00, 0x00, 0x2f, 0x00];
            await stream.WriteAsync((byte[])[0x16, 0x03, 0x02, 0x00, (byte)(hello.Length + 4), 0x02, 0x00, 0x00, (byte)hello.Length, .. hello], ct);
            await Receiver.Forever(ct);
        });
        using var client = Client();
        var result = await client.Send(Sends.Post(new Uri($"https://{Name}:{receiver.Port}/")));
        Assert.Equal((null, FailureClass.Tls), (result.StatusCode, result.Failure));

        // supported_versions (43): a list of four bytes, TLS 1.3 and 1.2, and nothing older.
        Assert.True((await greeting.Task).AsSpan().IndexOf((byte[])[0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03]) > 0);
    }
}
