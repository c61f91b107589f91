using System.Text;
using Microsoft.AspNetCore.Http;
using Webhooks.Receiver.Keys;
using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver;

/// <summary>
/// Says whether a request was made by who holds the key: the one place where times are judged and signatures compared.
/// Immutable and safe to share between requests; to be made once per webhook.
/// </summary>
public sealed class WebhookVerifier
{
    private readonly Way[] _ways;

    private WebhookVerifier(params Way[] ways) => _ways = ways;

    /// <summary>Standard Webhooks: <c>v1</c> and <c>v1a</c> in webhook-signature; 5 minutes of tolerance.</summary>
    /// <param name="keys"><c>whsec_…</c> (shared secrets, 24 to 64 bytes) and <c>whpk_…</c> (Ed25519 public keys, 32 bytes); a request that one of them fits is genuine.</param>
    /// <exception cref="FormatException">A key of another form. The message does not quote it.</exception>
    /// <exception cref="ArgumentException">No key.</exception>
    public static WebhookVerifier Standard(params ReadOnlySpan<string> keys) => Of(new StandardScheme("webhook"), keys);

    /// <summary>Standard Webhooks by the header names of Svix: svix-id, svix-timestamp, svix-signature; 5 minutes of tolerance.</summary>
    /// <inheritdoc cref="Standard"/>
    public static WebhookVerifier Svix(params ReadOnlySpan<string> keys) => Of(new StandardScheme("svix"), keys);

    /// <summary>Streem-Signature over chosen headers and the body; 5 seconds of tolerance, as the vendor's validator has.</summary>
    /// <param name="secrets">Shared secrets as they stand, of any characters.</param>
    /// <exception cref="ArgumentException">No secret, or an empty one.</exception>
    public static WebhookVerifier Streem(params ReadOnlySpan<string> secrets) => Of(new StreemScheme(), secrets);

    /// <summary>X-SIGNATURE over the body alone: no time is signed, so none is judged.</summary>
    /// <inheritdoc cref="Streem"/>
    public static WebhookVerifier GetStream(params ReadOnlySpan<string> secrets) => Custom(CustomSignature.GetStream, secrets);

    /// <summary><c>t=…,v1=…</c> in Stripe-Signature; 5 minutes of tolerance, both ways.</summary>
    /// <param name="secrets">The whole of <c>whsec_…</c> is the key: it is not decoded.</param>
    /// <exception cref="ArgumentException">No secret, or an empty one.</exception>
    public static WebhookVerifier Stripe(params ReadOnlySpan<string> secrets) => Of(new StripeScheme(), secrets);

    /// <summary>X-Hub-Signature-256 over the body alone: no time is signed, so none is judged.</summary>
    /// <inheritdoc cref="Streem"/>
    public static WebhookVerifier GitHub(params ReadOnlySpan<string> secrets) => Custom(CustomSignature.GitHub, secrets);

    /// <summary>X-Shopify-Hmac-Sha256 over the body alone: no time is signed, so none is judged.</summary>
    /// <inheritdoc cref="Streem"/>
    public static WebhookVerifier Shopify(params ReadOnlySpan<string> secrets) => Custom(CustomSignature.Shopify, secrets);

    /// <summary><c>t=…,h=…,v1=…</c> in X-Hook0-Signature, over chosen headers and the body; 5 minutes of tolerance.</summary>
    /// <inheritdoc cref="Streem"/>
    public static WebhookVerifier Hook0(params ReadOnlySpan<string> secrets) => Of(new Hook0Scheme(), secrets);

    /// <summary>An HMAC in a header of the sender's choice; 5 minutes of tolerance where the signature has a time.</summary>
    /// <inheritdoc cref="Streem"/>
    public static WebhookVerifier Custom(CustomSignature signature, params ReadOnlySpan<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return Of(new CustomScheme(signature), secrets);
    }

    /// <summary>The same with another tolerance between the signed time and now, in both directions, its end included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above zero.</exception>
    public WebhookVerifier Within(TimeSpan tolerance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(tolerance, TimeSpan.Zero);
        return new([.. _ways.Select(w => w with { Tolerance = tolerance })]);
    }

    /// <summary>Accepts what either accepts: for the time in which a sender moves from one scheme to another.</summary>
    public WebhookVerifier Or(WebhookVerifier other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new([.. _ways, .. other._ways]);
    }

    /// <summary>Judges one request. Never throws on account of what a request holds.</summary>
    /// <param name="headers">All headers of the request.</param>
    /// <param name="content">
    /// The body as it came, byte for byte, but unpacked where Content-Encoding says gzip; for a GET request, the raw
    /// query string without its first question mark.
    /// </param>
    /// <param name="now">The wall clock.</param>
    public Verification Verify(IHeaderDictionary headers, ReadOnlySpan<byte> content, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(headers);
        Verification? nearest = null;
        foreach (var way in _ways)
        {
            var verification = Verify(way, headers, content, now);
            if (verification.IsGenuine)
            {
                return verification;
            }

            // Of several ways, the one whose headers are there explains most.
            nearest = nearest is null || nearest.Fault == WebhookFault.HeaderMissing ? verification : nearest;
        }

        return nearest!;
    }

    /// <summary>
    /// What a request is remembered by, of whichever of the keys it is: while they are rotated, a retry may fit another
    /// one than the first attempt did. Verifiers that have no key in common have none of these in common.
    /// </summary>
    internal string[] ReplayKeys(string id) => [.. _ways.SelectMany(w => w.Keys).Select(k => k.Own(id)).Distinct()];

    private static Verification Verify(Way way, IHeaderDictionary headers, ReadOnlySpan<byte> content, DateTimeOffset now)
    {
        var reader = new HeaderReader(headers);
        var request = way.Scheme.Read(reader);
        if (reader.Refusal is { } unreadable)
        {
            return unreadable;
        }

        // What is wrong with the time is no secret; whose signature fits is asked last.
        if (request.SentAt is { } sentAt && (now - sentAt).Duration() > way.Tolerance)
        {
            return new(sentAt < now ? WebhookFault.TooOld : WebhookFault.TooNew) { Header = request.TimeHeader };
        }

        var signed = new SignedContent(Encoding.UTF8.GetBytes(request.Before()), content, Encoding.UTF8.GetBytes(request.After()));
        if (reader.Refusal is { } incomplete)
        {
            return incomplete;
        }

        foreach (var key in way.Keys)
        {
            if (key.FitsAny(request.Signatures, signed))
            {
                return new(null) { Id = request.Id, SentAt = request.SentAt };
            }
        }

        return new(WebhookFault.SignatureMismatch) { Header = way.Scheme.SignatureHeader };
    }

    private static WebhookVerifier Of(Scheme scheme, ReadOnlySpan<string> keys)
    {
        if (keys.IsEmpty)
        {
            throw new ArgumentException("A verifier needs at least one key: without one, nothing could be genuine.", nameof(keys));
        }

        var parsed = new VerificationKey[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            ArgumentException.ThrowIfNullOrEmpty(keys[i], nameof(keys));
            parsed[i] = scheme.Key(keys[i]);
        }

        return new(new Way(scheme, parsed, scheme.Tolerance));
    }

    private sealed record Way(Scheme Scheme, VerificationKey[] Keys, TimeSpan Tolerance);
}
