using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Projections.Tests;

/// <summary>Facts and ids for tests; the same text or number gives the same.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly CompanyId Company = new(Id(1));
    public static readonly FactMeta Meta = new(Company, new ApiKeyId(Id(2)), Id(3));

    /// <summary>A UUIDv7 of that many milliseconds after <see cref="Start"/>.</summary>
    public static Guid Id(int milliseconds) => Id(milliseconds, new Random(milliseconds));

    public static Guid Id(int milliseconds, Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        Guid.CreateVersion7(Start.AddMilliseconds(milliseconds)).ToByteArray(bigEndian: true).AsSpan(0, 6).CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new Guid(bytes, bigEndian: true);
    }

    public static WebhookConfiguration Configuration(string label = "orders", string url = "https://example.test/hook", params CustomHeader[] headers) =>
        new(label, url, "POST", 5000, 5, headers, Array.Empty<string>(), SignatureScheme.Standard, null);

    public static Fact[] Created(WebhookConfiguration configuration, SigningKeyId? key = null, CompanyId? company = null) =>
        [new WebhookCreated(company ?? Company, configuration), new SigningKeyAdded(key ?? new SigningKeyId(Id(9)), "default", new SealedSecret("v1.sealed-default"))];

    public static EventEmitted Emitted(string type, params PlannedDelivery[] deliveries) =>
        new(type, Start, 11, "c2hh", null, null, deliveries.Length, deliveries);

    public static Attempt Attempt(int number, int? status = 200, FailureClass? failure = null, int webhookVersion = 2) =>
        new(number, Start.AddSeconds(number), 1500, status, failure, null, webhookVersion, new Header[] { new("webhook-signature", "v1,abc") }, new Header[] { new("Server", "test"), new("Set-Cookie", "session=secret") }, null);

    public static AttemptSucceeded Succeeded(int number) => new(Attempt(number));
    public static AttemptFailed Failed(int number, DateTimeOffset? next) => new(Attempt(number, 503, FailureClass.Status), next);

    public static StoredFact Stored(Guid stream, int version, Fact fact, int seq = 0) =>
        new(new LogPosition(1, seq), stream, version, FactCatalogue.NameOf(fact), Company, Meta.Actor, Meta.Correlation, Start.AddMinutes(seq), fact);
}
