using System.Text;
using Microsoft.AspNetCore.Http;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Receiver.Tests;

/// <summary>A request's headers and content, as the service's own signer makes them.</summary>
internal sealed record Sent(string Method, (string Name, string Value)[] Headers, byte[] Content)
{
    public HeaderDictionary HeaderDictionary
    {
        get
        {
            var headers = new HeaderDictionary();
            foreach (var (name, value) in Headers)
            {
                headers.Append(name, value);
            }

            return headers;
        }
    }

    public Verification VerifyWith(WebhookVerifier verifier, DateTimeOffset now) => verifier.Verify(HeaderDictionary, Content, now);

    public Sent With(string name, string value) => Without(name) with { Headers = [.. Without(name).Headers, (name, value)] };

    public Sent Without(string name) => this with { Headers = [.. Headers.Where(h => !h.Name.Equals(name, StringComparison.OrdinalIgnoreCase))] };

    public string Value(string name) => Headers.Single(h => h.Name == name).Value;
}

internal static class Sender
{
    public const string Secret = "whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=";
    public const string OtherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    public static readonly DateTimeOffset SentAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    public static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"order":17,"note":"Köln ☃ <b>&</b>"}""");

    /// <summary>Named as in the API and in the snippets.</summary>
    public static readonly string[] SchemeNames = ["standard", "svix", "streem", "getstream", "stripe", "github", "shopify", "hook0"];

    public static WebhookVerifier Verifier(string scheme, params string[] keys) => scheme switch
    {
        "standard" => WebhookVerifier.Standard(keys),
        "svix" => WebhookVerifier.Svix(keys),
        "streem" => WebhookVerifier.Streem(keys),
        "getstream" => WebhookVerifier.GetStream(keys),
        "stripe" => WebhookVerifier.Stripe(keys),
        "github" => WebhookVerifier.GitHub(keys),
        "shopify" => WebhookVerifier.Shopify(keys),
        "hook0" => WebhookVerifier.Hook0(keys),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No such scheme."),
    };

    /// <summary>With one header that the schemes sign which can.</summary>
    public static Sent Sign(string scheme, DateTimeOffset at, params string[] secrets) => Sign(scheme, at, Body, secrets);

    public static Sent Sign(string scheme, DateTimeOffset at, byte[] content, params string[] secrets) => Sign(Scheme(scheme), at, content, secrets, Region, custom: null, "POST");

    /// <summary>With these headers of the webhook's own, all signed; one that is named again is sent once.</summary>
    public static Sent SignHeaders(string scheme, DateTimeOffset at, params IEnumerable<string> names) =>
        Sign(Scheme(scheme), at, Body, [Secret], [.. names.Select(n => new OpenedHeader(n, "v", Signed: true))], custom: null, "POST");

    public static Sent Get(string scheme, DateTimeOffset at, string query, params string[] secrets) =>
        Sign(Scheme(scheme), at, Encoding.UTF8.GetBytes(query), secrets, Region, custom: null, "GET");

    public static Sent Sign(Domain.Signing.CustomSignature custom, params string[] secrets) =>
        Sign(SignatureScheme.Custom, SentAt, Body, secrets, Region, CustomSigner.Of(custom), "POST");

    public static Sent SignWithKeyPair(DateTimeOffset at, params string[] keyPairs) =>
        Sign(SignatureScheme.StandardEd25519, at, Body, keyPairs, Region, custom: null, "POST");

    private static OpenedHeader[] Region => [new("X-Region", "eu", Signed: true)];

    private static SignatureScheme Scheme(string name) => Enum.Parse<SignatureScheme>(name, ignoreCase: true);

    private static Sent Sign(SignatureScheme scheme, DateTimeOffset at, byte[] content, string[] secrets, OpenedHeader[] own, CustomSigner? custom, string method)
    {
        var message = new MessageId(Guid.Parse("01910000-0000-7000-8000-000000000001"));
        var delivery = new DeliveryId(Guid.Parse("01910000-0000-7000-8000-000000000002"));
        var signature = RequestSigner.Sign(scheme, new SigningInput
        {
            MessageId = message.ToString(),
            SentAt = at,
            Content = content,
            Headers = own,
            Keys = secrets.Select(s => SigningSecret.KeyBytes(scheme, s)).ToArray(),
            Event = new ShapedEvent(message, "order.paid", at, new CompanyId(Guid.Empty), new WebhookId(Guid.Empty), delivery, 1, at),
            Custom = custom,
        });
        var sent = own.DistinctBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Select(h => new Header(h.Name, h.Value));
        var headers = RequestHeaders.Compose(message, delivery, 1, "order.paid", hasBody: method != "GET", [.. sent], signature.AsSpan());
        return new(method, [.. headers.Select(h => (h.Name, h.Value))], content);
    }
}
