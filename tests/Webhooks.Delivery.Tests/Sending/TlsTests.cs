using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public sealed class TlsTests : IDisposable
{
    private const string Name = "receiver.example";
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private static Receiver Presenting(X509Certificate2 certificate) => Receiver.Raw(async (stream, ct) =>
    {
        await using var tls = new SslStream(stream);
        // Offline, or the server itself would complete its chain from the network.
        var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, ct);
        var buffer = new byte[8192];
        while (await tls.ReadAsync(buffer, ct) > 0)
        {
            await Receiver.Write(tls, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ct);
        }
    });

    private EgressClient Client() =>
        new(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), _certificates.Roots);

    private static async Task<(int?, FailureClass?)> Outcome(EgressClient client, Receiver receiver)
    {
        var result = await client.Send(Sends.Get(new Uri($"https://{Name}:{receiver.Port}/")));
        return (result.StatusCode, result.Failure);
    }

    private async Task<(int?, FailureClass?)> Outcome(X509Certificate2 certificate)
    {
        await using var receiver = Presenting(certificate);
        using var client = Client();
        return await Outcome(client, receiver);
    }

    [Fact]
    public async Task A_trusted_certificate_of_the_right_name_is_accepted()
    {
        using var certificate = _certificates.Server(Name);
        Assert.Equal((200, null), await Outcome(certificate));
    }

    [Fact]
    public async Task A_self_signed_certificate_is_not()
    {
        using var certificate = Certificates.SelfSigned(Name);
        Assert.Equal((null, FailureClass.Tls), await Outcome(certificate));
    }

    [Fact]
    public async Task One_of_another_name_is_not()
    {
        using var certificate = _certificates.Server("other.example");
        Assert.Equal((null, FailureClass.Tls), await Outcome(certificate));
    }

    [Fact]
    public async Task An_expired_one_is_not()
    {
        using var certificate = _certificates.Server(Name, validDays: -1);
        Assert.Equal((null, FailureClass.Tls), await Outcome(certificate));
    }

    [Fact]
    public async Task One_for_another_purpose_is_not()
    {
        using var certificate = _certificates.Server(Name, usage: "1.3.6.1.5.5.7.3.4");
        Assert.Equal((null, FailureClass.Tls), await Outcome(certificate));
    }

    [Fact]
    public async Task One_of_an_authority_the_machine_does_not_know_is_not()
    {
        using var certificate = _certificates.Server("127.0.0.1");
        await using var receiver = Presenting(certificate);
        using var client = Sends.Client();
        Assert.Equal(FailureClass.Tls, (await client.Send(Sends.Get(new Uri($"https://127.0.0.1:{receiver.Port}/")))).Failure);
    }

    [Fact]
    public async Task What_a_certificate_points_at_is_not_fetched()
    {
        await using var inside = Receiver.Answering("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        using var certificate = _certificates.ServerPointingAt(inside.Url, Name);
        Assert.Equal((null, FailureClass.Tls), await Outcome(certificate));
        Assert.Empty(inside.Dialled);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Speak plainly\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("")]
    public async Task A_server_that_speaks_no_tls_fails_the_handshake(string answer)
    {
        await using var receiver = Receiver.Raw(async (stream, ct) =>
        {
            _ = await stream.ReadAsync(new byte[8192], ct);
            await Receiver.Write(stream, answer, ct);
        });
        using var client = Client();
        Assert.Equal((null, FailureClass.Tls), await Outcome(client, receiver));
    }
}
