namespace Webhooks.Domain.Companies;

internal static class CompanyRules
{
    public static Refusal? Validate(RegisterCompany c) => c switch
    {
        _ when !IsCode(c.Code) => Refusal.Invalid("code", "company.code", $"Must be 1 to {Company.MaxCodeLength} characters of a-z, A-Z, 0-9, '-', '_' and '.', starting with a letter or digit, and must not have the form of a company sid."),
        _ when !IsText(c.Name, Company.MaxNameLength) => Refusal.Invalid("name", "company.name", $"Must be 1 to {Company.MaxNameLength} characters without control characters."),
        _ => null,
    };

    public static Refusal? Validate(IssueApiKey c, Scopes grantable) => c switch
    {
        _ when !IsText(c.Label, Company.MaxLabelLength) => Refusal.Invalid("label", "api_key.label", $"Must be 1 to {Company.MaxLabelLength} characters without control characters."),
        _ when c.Scopes == Scopes.None || (c.Scopes & ~grantable) != Scopes.None => Refusal.Invalid("scopes", "api_key.scopes", "Must name at least one of emit, manage, read, and nothing else; only the installation issues admin keys."),
        _ when c.SharedSecret is not null && c.Scopes.HasFlag(Scopes.Admin) => Refusal.Invalid("kind", "api_key.kind", "A key with the scope admin is kept as a hash: what reaches over all companies is never kept readable."),
        _ => null,
    };

    public static Refusal? Validate(CompanySettings s) =>
        s.Weight is < 1 or > Company.MaxWeight
            ? Refusal.Invalid("weight", "company.weight", $"Must be 1 to {Company.MaxWeight}.")
            : s.DefaultRetryPolicy?.Refuse("default_retry_policy");

    private static bool IsCode(string code) =>
        code.Length is >= 1 and <= Company.MaxCodeLength
        && char.IsAsciiLetterOrDigit(code[0])
        && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !Sid.TryParse<CompanyId>(code, out _);

    private static bool IsText(string text, int max) => text.Length >= 1 && text.Length <= max && !text.Any(char.IsControl);
}
