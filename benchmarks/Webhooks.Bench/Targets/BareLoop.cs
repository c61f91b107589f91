using System.Diagnostics;
using Webhooks.Bench.Traffic;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;

namespace Webhooks.Bench.Targets;

/// <summary>What everything else is compared with: sign and send as the service does, by the same code, and keep nothing.</summary>
internal sealed class BareLoop : IDisposable
{
    /// <summary>The same for whatever sends.</summary>
    public static readonly EgressOptions Egress = new() { AllowNetworks = ["127.0.0.0/8"] };
    public static readonly byte[] Key = [.. Enumerable.Range(1, SigningSecret.GeneratedKeyBytes).Select(i => (byte)i)];

    private readonly EgressClient _client = new(Egress, TimeProvider.System);

    /// <returns>Requests per second that were answered with 2xx.</returns>
    public async Task<double> Run(Uri url, int atATime, TimeSpan duration, CancellationToken ct)
    {
        var started = Stopwatch.StartNew();
        var sent = await Task.WhenAll(Enumerable.Range(0, atATime).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (started.Elapsed < duration)
            {
                count += await SendOne(url, ct);
            }

            return count;
        }, ct)));
        return sent.Sum() / started.Elapsed.TotalSeconds;
    }

    public void Dispose() => _client.Dispose();

    private async Task<int> SendOne(Uri url, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (message, delivery) = (new MessageId(Guid.CreateVersion7(now)), new DeliveryId(Guid.CreateVersion7(now)));
        var payload = Payload.Create(Stopwatch.GetTimestamp());
        var signature = RequestSigner.Sign(SignatureScheme.Standard, new SigningInput { MessageId = message.ToString(), SentAt = now, Content = payload, Keys = [Key] });
        var headers = RequestHeaders.Compose(message, delivery, 1, "order.paid", hasBody: true, [], signature.AsSpan());
        var result = await _client.Send(new OutgoingRequest(url, "POST", headers, payload, TimeSpan.FromSeconds(15)), ct);
        return result.Failure is null ? 1 : 0;
    }
}
