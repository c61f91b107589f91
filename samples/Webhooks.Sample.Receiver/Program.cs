using Webhooks.Receiver;

// WEBHOOK_KEYS='whsec_…' dotnet run --project samples/Webhooks.Sample.Receiver --urls http://127.0.0.1:9999
// Several keys stand on lines of their own; WEBHOOK_SCHEME is the webhook's signature_scheme, "standard" unless set.
var app = WebApplication.Create(args);
var keys = (app.Configuration["WEBHOOK_KEYS"] ?? throw new InvalidOperationException("WEBHOOK_KEYS holds the webhook's signing keys.")).Split('\n');
var verifier = (app.Configuration["WEBHOOK_SCHEME"] ?? "standard") switch
{
    "standard" or "standard_ed25519" => WebhookVerifier.Standard(keys),
    "svix" => WebhookVerifier.Svix(keys),
    "streem" => WebhookVerifier.Streem(keys),
    "getstream" => WebhookVerifier.GetStream(keys),
    "stripe" => WebhookVerifier.Stripe(keys),
    "github" => WebhookVerifier.GitHub(keys),
    "shopify" => WebhookVerifier.Shopify(keys),
    "hook0" => WebhookVerifier.Hook0(keys),
    var other => throw new InvalidOperationException($"WEBHOOK_SCHEME '{other}' is none that this sample knows."),
};

// Both methods, so that the sample can be any webhook's receiver: name the one that yours has. Ids are remembered for
// longer than retries go on; with more than one node, in a cache that all of them share.
var options = new WebhookReceiverOptions { Methods = ["POST", "GET"], ReplayCache = new MemoryReplayCache(TimeSpan.FromDays(7)) };

app.MapWebhook(
    "/{**path}",
    verifier,
    (webhook, _) =>
    {
        app.Logger.LogInformation("{EventType} ({Id}), {Bytes} bytes", webhook.EventType, webhook.Id, webhook.Body.Length);
        return Task.CompletedTask;
    },
    options);

await app.RunAsync();
