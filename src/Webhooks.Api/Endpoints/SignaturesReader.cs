using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>signature_scheme</c> and <c>signatures</c>: one way to sign, or several at once.</summary>
internal static class SignaturesReader
{
    private const string One = "signature_scheme";
    private const string Several = "signatures";
    public const int MaxApiKeyLength = 256;

    /// <param name="chosen">What the profile signs with; null: no profile.</param>
    /// <param name="headers">Names of the customer's own.</param>
    /// <returns>The first scheme, and all signatures where there are several or one needs more than its name.</returns>
    public static (SignatureScheme First, SignatureSettings[] All) Read(Fields body, SignatureScheme? chosen, IReadOnlyList<string> headers)
    {
        var scheme = body.OptionalEnum<SignatureScheme>(One);
        var given = body.OptionalObjects(Several, WebhookConfiguration.MaxSignatures) ?? [];
        if (given.Count == 0)
        {
            var only = new SignatureSettings(scheme ?? chosen ?? SignatureScheme.Standard);
            body.Refuse(only.Scheme == SignatureScheme.Custom
                ? Refusal.Invalid(One, "signature.custom", $"How a custom signature is made is said in {Several}.")
                : SignatureRules.Refuse([only], headers, Several) is { } refusal ? refusal.Field == "headers" ? refusal : refusal with { Field = One } : null);
            return (only.Scheme, []);
        }

        var read = given.Select(ReadOne).ToList();
        var all = read.OfType<SignatureSettings>().ToArray();
        if (all.Length < read.Count)
        {
            return (SignatureScheme.Standard, []);
        }

        if (scheme is { } first && first != all[0].Scheme)
        {
            body.Refuse(One, "signature.first", $"Must be the first of {Several}, or be left out beside it.");
        }

        body.Refuse(SignatureRules.Refuse(all, headers, Several));
        return (all[0].Scheme, all is [{ Custom: null }] ? [] : all);
    }

    /// <summary>What GetStream's X-API-KEY says.</summary>
    public static string? ReadApiKey(Fields body)
    {
        const string Name = "api_key";
        var key = body.OptionalString(Name, 1, MaxApiKeyLength);
        if (key is not null && !AuthRules.IsToken(key))
        {
            body.Refuse(Name, "signature.api_key", "Must be visible ASCII characters without spaces: it stands in a header.");
        }

        return key;
    }

    /// <summary>Null when it breaks a rule that was named.</summary>
    private static SignatureSettings? ReadOne(Fields signature)
    {
        var scheme = signature.OptionalEnum<SignatureScheme>("scheme");
        if (signature.Presence("scheme") != Presence.Value)
        {
            signature.Refuse("scheme", "field.required", "Is required.");
        }

        var custom = signature.OptionalObject("custom") is { } fields ? ReadCustom(fields) : null;
        return scheme is not { } known || (custom is null && signature.Presence("custom") == Presence.Value) ? null : new SignatureSettings(known) { Custom = custom };
    }

    private static CustomSignature? ReadCustom(Fields custom)
    {
        var header = custom.String("signature_header", 1, HeaderRules.MaxNameLength);
        var content = custom.String("content", 1, SignatureTemplate.MaxLength);
        var more = (custom.OptionalObjects("headers", HeaderRules.MaxHeaders) ?? [])
            .Select(h => new TemplateHeader(h.String("name", 1, HeaderRules.MaxNameLength), h.String("value", 1, SignatureTemplate.MaxLength)))
            .ToArray();
        var read = new CustomSignature(header, content)
        {
            Prefix = custom.OptionalString("prefix", 1, SignatureTemplate.MaxLength),
            Separator = custom.OptionalString("separator", 1, SignatureTemplate.MaxLength),
            Hash = custom.OptionalEnum<SignatureHash>("hash") ?? SignatureHash.Sha256,
            Encoding = custom.OptionalEnum<SignatureEncoding>("encoding") ?? SignatureEncoding.Hex,
            Headers = more,
        };

        // What is empty was refused by its reader.
        return header.Length > 0 && content.Length > 0 && Array.TrueForAll(more, h => h.Name.Length > 0 && h.Value.Length > 0) ? read : null;
    }
}
