using Webhooks.Api.Http;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of profiles and signatures mean.</summary>
internal static class SignatureDocs
{
    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("profile", $"Whose receivers these are: {EnumNames<WebhookProfile>.List}. It chooses signature_scheme, body_framing, retry_policy, timeout_ms and max_attempts where they are left out. When it, signature_scheme and signatures are left out: the company's default_profile; without one, streem where a header is to be signed; else none. See docs/signatures.md.").Among<WebhookProfile>(),
        Documentation.Optional("signature_scheme", $"{EnumNames<SignatureScheme>.List}; the profile's, or standard, when left out. Every signing key of its kind must fit it.").Among<SignatureScheme>(),
        Documentation.Optional("signatures", $"Several signatures on every request, such as during a migration: at most {WebhookConfiguration.MaxSignatures}, none of which sets a header that another sets too. signature_scheme is the first of them. Left out, the one of signature_scheme.").Within(0, WebhookConfiguration.MaxSignatures),
        Documentation.Required("signatures[].scheme", "As signature_scheme.").Among<SignatureScheme>(),
        Documentation.Optional("signatures[].custom", "How a signature of the scheme custom is made; required with it. The key is the UTF-8 of the secret."),
        Documentation.Required("signatures[].custom.signature_header", "The header that carries it.").Within(1, HeaderRules.MaxNameLength),
        Documentation.Required("signatures[].custom.content", $"What is signed: a text of at most {SignatureTemplate.MaxLength} characters that holds {{{{body}}}} once, and may hold {{{{timestamp}}}} or {{{{timestamp_ms}}}} (since 1970), {{{{sent_at}}}}, {{{{emitted_at}}}}, {{{{event_sid}}}}, {{{{event_type}}}}, {{{{company_sid}}}}, {{{{webhook_sid}}}}, {{{{delivery_sid}}}} and {{{{attempt}}}}.").Within(1, SignatureTemplate.MaxLength),
        Documentation.Optional("signatures[].custom.prefix", "What stands before the signature, with the same placeholders but {{body}}: sha256=. Nothing when left out.").Within(1, SignatureTemplate.MaxLength),
        Documentation.Optional("signatures[].custom.separator", "What stands between the signatures of several keys. Left out, the oldest key signs alone, until it ends.").Within(1, CustomSignatureRules.MaxSeparatorLength),
        Documentation.Optional("signatures[].custom.hash", "Of the HMAC: sha256 or sha512; sha256 when left out.").Among<SignatureHash>(),
        Documentation.Optional("signatures[].custom.encoding", "hex (lower-case) or base64; hex when left out.").Among<SignatureEncoding>(),
        Documentation.Optional("signatures[].custom.headers", $"Further headers, at most {CustomSignatureRules.MaxHeaders}, with the same placeholders but {{{{body}}}} in their values.").Within(0, CustomSignatureRules.MaxHeaders),
        Documentation.Required("signatures[].custom.headers[].name", "A token of RFC 9110.").Within(1, HeaderRules.MaxNameLength),
        Documentation.Required("signatures[].custom.headers[].value", "Visible ASCII, placeholders among it.").Within(1, SignatureTemplate.MaxLength),
        Documentation.Optional("body_framing", "payload sends what was emitted or shaped as it is; streem puts it into Streem's envelope. The profile's, or what the first scheme has by nature, when left out.").Among<BodyFraming>(),
        Documentation.Optional("api_key", "What GetStream's header X-API-KEY says: the id of a key, no secret. The header is not sent when left out.").Within(1, SignaturesReader.MaxApiKeyLength),
    ];
}
