using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Signing;

/// <summary>Which custom signatures can be sent at all, and verified by somebody.</summary>
public static class CustomSignatureRules
{
    public const int MaxHeaders = 10;
    public const int MaxSeparatorLength = 10;

    /// <param name="field">The signature's field, such as <c>signatures[0].custom</c>.</param>
    internal static Refusal? Refuse(CustomSignature custom, string field) =>
        RefuseName(custom.SignatureHeader, $"{field}.signature_header")
        ?? RefuseContent(custom.Content, $"{field}.content")
        ?? (custom.Prefix is { } prefix ? RefuseValue(prefix, $"{field}.prefix") : null)
        ?? (custom.Separator is { } separator && (separator.Length is 0 or > MaxSeparatorLength || !IsVisible(separator))
            ? Refusal.Invalid($"{field}.separator", "signature.separator", $"Must be 1 to {MaxSeparatorLength} visible ASCII characters or spaces.")
            : null)
        ?? RefuseHeaders(custom.Headers, $"{field}.headers");

    private static Refusal? RefuseHeaders(EquatableArray<TemplateHeader> headers, string field)
    {
        if (headers.Count > MaxHeaders)
        {
            return Refusal.Invalid(field, "header.too_many", $"Must hold at most {MaxHeaders} headers.");
        }

        for (var i = 0; i < headers.Count; i++)
        {
            if ((RefuseName(headers[i].Name, $"{field}[{i}].name") ?? RefuseValue(headers[i].Value, $"{field}[{i}].value")) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>As for the customer's own headers; Authorization belongs to auth.</summary>
    private static Refusal? RefuseName(string name, string field) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? Refusal.Invalid(field, "header.reserved", "This header is set by auth; choose another name.")
        : HeaderRules.Refuse(name, "", signed: false, field) is { } refusal ? refusal with { Field = field }
        : null;

    private static Refusal? RefuseContent(string content, string field)
    {
        if (SignatureTemplate.Parse(content, out var problem) is not { } template)
        {
            return Refusal.Invalid(field, "signature.template", problem!);
        }

        // What is not signed can be changed on its way.
        return template.Bodies != 1 ? Refusal.Invalid(field, "signature.template", "Must hold {{body}} once.")
            : template.Literals.Any(l => l.Any(c => char.IsControl(c) && c != '\n')) ? Refusal.Invalid(field, "signature.template", "Must hold no control characters but line feeds.")
            : null;
    }

    private static Refusal? RefuseValue(string value, string field)
    {
        if (SignatureTemplate.Parse(value, out var problem) is not { } template)
        {
            return Refusal.Invalid(field, "signature.template", problem!);
        }

        return template.Bodies > 0 ? Refusal.Invalid(field, "signature.template", "A header can't hold {{body}}.")
            : !template.Literals.All(IsVisible) || value != value.Trim() ? Refusal.Invalid(field, "signature.template", "Must be visible ASCII characters, with spaces inside only.")
            : null;
    }

    private static bool IsVisible(string text) => text.All(c => c is >= ' ' and <= '~');
}
