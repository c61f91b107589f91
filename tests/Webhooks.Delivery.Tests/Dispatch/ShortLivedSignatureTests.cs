using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Streem's older validators take a request for 500 ms after the time in it: less than many a handshake.</summary>
public sealed class ShortLivedSignatureTests(Installation installation) : IClassFixture<Installation>
{
    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task A_connection_that_takes_its_time_makes_no_signature_old(string method)
    {
        var (asked, found) = (new TaskCompletionSource(), new TaskCompletionSource<IPAddress[]>());
        await using var receiver = await Receiver.Start();
        var signal = new LogSignal(TimeProvider.System);
        await using var node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System, (_, _) =>
            {
                asked.SetResult();
                return found.Task;
            }),
            Installation.Patient, TimeProvider.System, NullLoggerFactory.Instance);
        await node.StartAsync(default);
        var company = new Domain.CompanyId(Guid.CreateVersion7());
        await installation.Register(
            new Uri($"http://receiver.example:{receiver.Url.Port}/?a=1"), c => c with { SignatureScheme = SignatureScheme.Streem, Method = method, TimeoutMs = 30_000 }, company);
        var accepted = Assert.IsType<EmitOutcome.Accepted>(
            await node.Acceptance.Emit(new EventToEmit(company, "order.paid", "{}"u8.ToArray(), null, null, Guid.NewGuid()), default));

        await asked.Task;
        var prepared = DateTimeOffset.UtcNow;
        await Eventually.Is(() => DateTimeOffset.UtcNow - prepared > TimeSpan.FromMilliseconds(100), "the name has taken its time");
        var resolved = DateTimeOffset.UtcNow;
        found.SetResult([IPAddress.Loopback]);
        await receiver.HasReceived(1);

        var received = receiver.Requests.Single();
        var sentAt = received.Headers["Streem-Sent-At"];
        Assert.InRange(DateTimeOffset.Parse(sentAt, CultureInfo.InvariantCulture), resolved.AddMilliseconds(-1), DateTimeOffset.UtcNow);
        var content = method == "GET" ? "a=1" : "{\"sent_at\":\"" + sentAt + "\",\"event\":{\"event_type\":\"order.paid\",\"payload\":{}}}";
        Assert.Equal(method == "GET" ? "" : content, Encoding.UTF8.GetString(received.Body));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(installation.Secret), Encoding.UTF8.GetBytes($"Streem-Sent-At={sentAt};{content}")));
        Assert.Equal(signature, received.Headers["Streem-Signature"]);

        // The log says what was sent, not what was made first.
        var delivery = accepted.Deliveries[0];
        await Eventually.Is(async () => (await installation.Facts(delivery.Value)).Count == 1, "the attempt is recorded");
        var attempt = Assert.IsType<AttemptSucceeded>(Assert.Single(await installation.Facts(delivery.Value))).Attempt;
        Assert.Equal(sentAt, StreemSignature.FormatSentAt(attempt.StartedAt));
        Assert.Contains(new Header("Streem-Signature", signature), attempt.SignatureHeaders);
    }
}
