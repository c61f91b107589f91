using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Tests;

/// <summary>Values that stand for themselves; a number tells two of a kind apart.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);
    public static readonly FixedRetry EveryMinute = new(60_000);

    public static readonly FixedRetry WithEveryLimit = new(3_000)
    {
        Jitter = 0.1,
        MaxAttempts = 7,
        Attempts = new AttemptLimits(Status: 3, Network: 2, Timeout: 4),
        TimeoutMs = 6_000,
        TotalDeadlineMs = 15_000,
        MaxAgeMs = 86_400_000,
    };

    public static readonly WebhookConfiguration Configuration = new(
        Label: "orders",
        Url: "https://example.com/hooks?to=ä",
        Method: "POST",
        TimeoutMs: 5_000,
        MaxAttempts: 3,
        Headers: new CustomHeader[] { new("X-Token", new SealedSecret("sealed:token"), Signed: true) },
        EventTypes: new[] { "order.created", "order.paid" },
        SignatureScheme: SignatureScheme.Standard,
        RetryPolicy: new ExponentialRetry(1_000, 2.5, 3_600_000, 0.2));

    public static T Id<T>(int n) where T : struct, ISid<T> => T.From(new Guid(0x01890a5d, unchecked((short)0xac96), 0x774b, 0xbc, 0xce, 0, 0, (byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n));

    public static SealedSecret Secret(int n) => new($"sealed:{n}");

    public static ApiKeyIssued Key(int n, Scopes scopes = Scopes.Emit | Scopes.Read) => new(Id<ApiKeyId>(n), $"key {n}", scopes, Hash(n));

    public static IssueApiKey Issue(ApiKeyIssued key) => new(key.Key, key.Label, key.Scopes, key.SecretHash);

    public static WebhookCreated Created => new(Id<CompanyId>(1), Configuration);

    public static CreateWebhook Create => new(Id<CompanyId>(1), Configuration, Id<SigningKeyId>(1), "key 1", Secret(1));

    public static WebhookDegraded Degraded => new(Now, Now.AddMinutes(-1), 5, 5, 7);

    public static WebhookPaused Paused => new(Now.AddMinutes(1), Now.AddMinutes(-1), 20, Now.AddMinutes(2));

    public static WebhookRecovered Recovered => new(Now.AddMinutes(3));

    public static SigningKeyAdded SigningKey(int n) => new(Id<SigningKeyId>(n), $"key {n}", Secret(n));

    public static AddSigningKey AddKey(int n, DateTimeOffset? at = null) => new(Id<SigningKeyId>(n), $"key {n}", Secret(n), at ?? Now);

    public static RotateSigningKey RotateTo(int n, TimeSpan overlap, DateTimeOffset? at = null) => new(Id<SigningKeyId>(n), $"key {n}", Secret(n), overlap, at ?? Now);

    public static RetireSigningKey Retire(int n, DateTimeOffset? at = null) => new(Id<SigningKeyId>(n), at ?? Now);

    public static EmitEvent Emit(int matched) => new("order.created", Now, 2, "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=", "order-17", "fp", Planned(matched));

    public static PlannedDelivery[] Planned(int count) => [.. Enumerable.Range(1, count).Select(n => new PlannedDelivery(Id<DeliveryId>(n), Id<WebhookId>(n)))];

    public static Attempt Attempt(int number, FailureClass? failure = null) => new(
        Number: number,
        StartedAt: Now.AddTicks(1),
        DurationUs: 12_345,
        StatusCode: failure switch { null => 204, FailureClass.Status => 503, _ => null },
        Failure: failure,
        Detail: failure is null ? null : "The answer was no.",
        WebhookVersion: 2,
        SignatureHeaders: new Header[] { new("webhook-timestamp", "1772600767"), new("webhook-signature", "v1,c2ln") },
        ResponseHeaders: new Header[] { new("Set-Cookie", "a"), new("Set-Cookie", "b") },
        ResponseBody: failure is FailureClass.Status ? new ResponseBody(17, Truncated: true) : null);

    public static Attempt Answered(int number, int status, params Header[] headers) => Attempt(number, status is >= 200 and <= 299 ? null : FailureClass.Status) with
    {
        StatusCode = status,
        ResponseHeaders = headers,
    };

    public static RecordAttempt Success(int number) => new(Attempt(number), 3, EveryMinute, Now, 0);

    public static RecordAttempt Failure(int number, int maxAttempts = 3, RetryPolicy? policy = null, double random = 0) =>
        new(Attempt(number, FailureClass.Status), maxAttempts, policy ?? EveryMinute, Now, random);

    public static RecordAttempt Record(Attempt attempt, RetryPolicy? policy = null, int maxAttempts = 10) => new(attempt, maxAttempts, policy ?? EveryMinute, Now, 0);

    public static AttemptSucceeded Succeeded(int number) => new(Attempt(number));

    public static AttemptFailed Failed(int number, DateTimeOffset? next) => new(Attempt(number, FailureClass.Status), next);

    public static RetryDelivery Resend(WebhookStatus webhook = WebhookStatus.Active, DateTimeOffset? at = null) => new(webhook, at ?? Now);

    public static EventTypeDefinition PaidOrder { get; } = new("An order was paid. Größe: ✓")
    {
        Schema = JsonText.Of("""{ "type":"object", "properties":{"order":{"type":"integer"}} }"""u8),
        Example = JsonText.Of("""{"order":4711.0}"""u8),
        Enforced = true,
    };

    public static DefineEventType DefinePaid => new(Id<CompanyId>(1), "order.paid", PaidOrder);

    private static byte[] Hash(int n) => [(byte)n, 2, 3, 255];
}
