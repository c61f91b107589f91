using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads a webhook's configuration from a body, all rules asked, secrets sealed. What is missing or null takes its default.</summary>
public sealed class WebhookReader(EgressOptions egress, DeliverySettings defaults, SecretSealer sealer, TimeProvider time)
{
    public const int MaxEventTypes = 200;
    public const string DefaultMethod = "POST";
    public const int MinTimeoutMs = 100;
    public const int MaxTimeoutMs = 60_000;
    public const int MaxMaxAttempts = 50;

    private static readonly string[] Chooses = ["profile", "signature_scheme", "signatures"];
    internal static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private readonly AllowedNetworks _allowed = egress.ParseAllowNetworks();
    private readonly WebhookAuthReader _auth = new(sealer, egress.ParseAllowNetworks(), egress.HttpsOnly);
    private readonly TransportReader _transport = new(sealer, time);
    private readonly DestinationReader _destination = new(egress, sealer);

    /// <summary>Broken rules are collected in <paramref name="body"/>; the answer is of use only when its Done does not throw.</summary>
    /// <param name="present">What the webhook has, if it is there: <c>[redacted]</c> keeps its secrets.</param>
    /// <param name="byDefault">The profile where the body names neither one nor a signature; null: none.</param>
    internal WebhookConfiguration Read(WebhookId id, Fields body, WebhookConfiguration? present, WebhookProfile? byDefault = null)
    {
        var destination = _destination.Read(id, body, present?.Destination);
        var url = body.Presence(DestinationRules.Field) == Presence.Value ? ReadNoUrl(body, destination) : ReadUrl(body);
        var headers = ReadHeaders(body, present is null ? [] : Open(id, present), destination);
        var profile = body.OptionalEnum<WebhookProfile>("profile") ?? Implied(body, headers, byDefault);
        var chosen = profile is { } named ? ProfileChoice.Of(named) : null;
        var (scheme, signatures) = SignaturesReader.Read(body, chosen?.Scheme, [.. headers.Select(h => h.Name)]);
        _ = SelectionReader.ReadFilter(body, out var filter);
        var read = new WebhookConfiguration(
            body.OptionalString("label", 0, WebhookTarget.MaxLabelLength) ?? "",
            url,
            ReadMethod(body),
            body.OptionalInt("timeout_ms", MinTimeoutMs, MaxTimeoutMs) ?? chosen?.TimeoutMs ?? defaults.TimeoutMs,
            body.OptionalInt("max_attempts", 1, MaxMaxAttempts) ?? chosen?.MaxAttempts ?? defaults.MaxAttempts,
            headers.Select(h => new CustomHeader(h.Name, sealer.Seal(h.Value, id.ToString()), h.Signed)).ToArray(),
            SelectionReader.ReadEventTypes(body),
            scheme,
            RetryPolicyReader.Read(body) ?? chosen?.RetryPolicy)
        {
            Profile = profile,
            Signatures = signatures,
            BodyFraming = body.OptionalEnum<BodyFraming>("body_framing") ?? chosen?.Framing,
            ApiKey = SignaturesReader.ReadApiKey(body),
            Ordering = body.OptionalEnum<OrderingMode>("ordering") ?? OrderingMode.None,
            OnExhausted = body.OptionalEnum<OnExhausted>("on_exhausted") ?? OnExhausted.Skip,
            SequenceNumbers = body.OptionalBoolean("sequence_numbers") ?? false,
            Limits = LimitsReader.Read(body),
            Destination = destination,
            Auth = _auth.Read(id, body, present?.Auth),
            Transport = _transport.Read(id, body, url, present?.Transport),
            Channels = SelectionReader.ReadChannels(body),
            Filter = filter,
        };
        read = read with { Shape = SelectionReader.ReadShape(body, read) };
        body.Refuse(DestinationRules.RefuseBeside(read));
        body.Refuse(SignatureRules.RefuseMethod(read.SignedWith, read.Method));
        body.Refuse(AuthRules.RefuseBeside(read.Auth, read.Headers.Select(h => h.Name)));
        return read;
    }

    /// <summary>Streem's clients name no profile; a header that is to be signed is theirs to ask for.</summary>
    private static WebhookProfile? Implied(Fields body, IReadOnlyList<OpenedHeader> headers, WebhookProfile? byDefault) =>
        Chooses.Any(name => body.Presence(name) == Presence.Value) ? null
        : byDefault ?? (headers.Any(h => h.Signed) ? WebhookProfile.Streem : null);

    /// <summary>Replaces the configuration by what the body says.</summary>
    /// <exception cref="ProblemException">422 with every broken rule.</exception>
    internal Decision Replace(WebhookId id, Webhook state, JsonValue json, WebhookProfile? byDefault = null)
    {
        var present = state.Configuration ?? throw new ArgumentException("Only a registered webhook can be changed.", nameof(state));
        var body = Fields.Of(json);
        var configuration = Read(id, body, present, byDefault);
        if (body.OptionalSid<CompanyId>("company_sid") is { } company && company != state.Company)
        {
            body.Refuse("company_sid", "webhook.company", "A webhook stays with its company.");
        }

        if (configuration.SignedWith != present.SignedWith)
        {
            body.Refuse(configuration.SignedWith.Select(s => RefuseKeys(id, state, s.Scheme)).FirstOrDefault(refusal => refusal is not null));
        }

        body.Done();
        return Webhook.Decide(state, new UpdateWebhook(configuration));
    }

    internal IReadOnlyList<OpenedHeader> Open(WebhookId id, WebhookConfiguration configuration) =>
        [.. configuration.Headers.Select(h => new OpenedHeader(h.Name, sealer.Open(h.Value, id.ToString()), h.Signed))];

    /// <summary>Each scheme needs a current key that it can sign with; those that it can't sign with are for the others.</summary>
    internal Refusal? RefuseKeys(WebhookId id, Webhook state, SignatureScheme scheme)
    {
        var refusals = state.Keys
            .Where(key => key.ValidUntil is null && key.IsFor(scheme))
            .Select(key => SecretRules.Refuse(scheme, sealer.Open(key.Secret, id.ToString()), "signature_scheme")).ToList();
        return refusals.Count == 0 || refusals.Contains(null)
            ? null
            : refusals[0]! with { Detail = $"None of its signing keys can sign for {EnumNames<SignatureScheme>.Of(scheme)}: add one first, POST /v1/webhooks/{id}/signing-keys. {refusals[0]!.Detail}" };
    }

    private string ReadUrl(Fields body)
    {
        var url = body.String("url", 1, UrlRules.MaxLength);
        if (url.Length > 0)
        {
            body.Refuse(UrlRules.Refuse(url, _allowed, "url", egress.HttpsOnly));
        }

        return url;
    }

    /// <summary>The address is the destination's; that one may be sent back.</summary>
    /// <param name="destination">Null where it breaks a rule.</param>
    private static string ReadNoUrl(Fields body, Destination? destination)
    {
        if (body.OptionalString("url", 0, UrlRules.MaxLength) is { } url && destination is not null && url != destination.Url)
        {
            body.Refuse("url", "destination.url", "Is the destination's own beside one: leave it out, or make it null.");
        }

        return destination?.Url ?? "";
    }

    private static string ReadMethod(Fields body)
    {
        var method = body.OptionalString("method", 1, 20) ?? DefaultMethod;
        if (!Methods.Contains(method))
        {
            body.Refuse("method", "field.value", $"Must be one of {string.Join(", ", Methods)}.{DidYouMean.Hint(method, Methods)}");
        }

        return method;
    }

    private static List<OpenedHeader> ReadHeaders(Fields body, IReadOnlyList<OpenedHeader> present, Destination? destination)
    {
        var read = (body.OptionalObjects("headers", HeaderRules.MaxHeaders) ?? []).Select(h => ReadHeader(h, present, destination)).ToList();
        var headers = read.OfType<OpenedHeader>().ToList();

        // Each was judged by itself; what is left are the rules over all of them, such as names given twice.
        if (headers.Count == read.Count)
        {
            body.Refuse(HeaderRules.RefuseAny(headers, "headers"));
        }

        return headers;
    }

    /// <summary>Null when it breaks a rule.</summary>
    private static OpenedHeader? ReadHeader(Fields header, IReadOnlyList<OpenedHeader> present, Destination? destination)
    {
        var name = header.String("name", 1, HeaderRules.MaxNameLength);
        var value = header.OptionalString("value", 0, HeaderRules.MaxValueLength);
        if (header.Presence("value") != Presence.Value)
        {
            header.Refuse("value", "field.required", "Is required.");
        }

        var signed = header.OptionalBoolean("include_in_request_signature") ?? false;
        if (value == HeaderAnswer.Redacted)
        {
            value = present.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
            if (value is null)
            {
                header.Refuse("value", "header.redacted", $"'{HeaderAnswer.Redacted}' keeps the value of a header that the webhook has, and it has none of this name.");
            }
        }

        if (name.Length == 0 || value is null)
        {
            return null;
        }

        if ((HeaderRules.Refuse(name, value, signed, "") ?? DestinationRules.RefuseHeader(destination, name, value, "")) is { } refusal)
        {
            header.Refuse(refusal with { Field = refusal.Field?.TrimStart('.') });
            return null;
        }

        return new OpenedHeader(name, value, signed);
    }
}
