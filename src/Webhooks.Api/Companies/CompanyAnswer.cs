using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>A company on the wire.</summary>
/// <param name="DefaultRetryPolicy">Null: the installation's.</param>
/// <param name="DefaultProfile">Null: none.</param>
/// <param name="Weight">Starts of its deliveries for each of a company of weight 1, while both wait.</param>
public sealed record CompanyAnswer(CompanyId Sid, string Code, string Name, bool Active, DateTimeOffset CreatedAt, RetryPolicy? DefaultRetryPolicy = null, WebhookProfile? DefaultProfile = null, int Weight = 1)
{
    public const string Example = """{"sid":"com_01h455vb4pex5vsknk084sn02q","code":"acme","name":"Acme Ltd","active":true,"created_at":"2026-01-31T12:00:00.000Z","default_retry_policy":{"kind":"preset","name":"standard"},"default_profile":"standard","weight":1}""";

    /// <summary>Companies can't be switched off yet, so every one is active.</summary>
    public static CompanyAnswer Of(CompanyRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.Company, row.Code, row.Name, Active: true, row.CreatedAt, row.Settings.DefaultRetryPolicy, row.Settings.DefaultProfile, row.Settings.Weight ?? 1);
    }
}

/// <summary>An API key on the wire.</summary>
/// <param name="Sid">The Basic user name.</param>
/// <param name="Kind">How the service keeps the secret.</param>
/// <param name="Secret">Shown by the issue alone; null elsewhere.</param>
public sealed record ApiKeyAnswer(ApiKeyId Sid, CompanyId CompanySid, string Label, IReadOnlyList<string> Scopes, ApiKeyKind Kind, string? Secret, DateTimeOffset CreatedAt)
{
    public const string Example = """{"sid":"key_01h455vb4pex5vsknk084sn02r","company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Production","scopes":["emit","read"],"kind":"hashed","created_at":"2026-01-31T12:00:00.000Z"}""";
    public const string ExampleWithSecret = """{"sid":"key_01h455vb4pex5vsknk084sn02r","company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Production","scopes":["emit","read"],"kind":"hashed","secret":"kJ2mW8…","created_at":"2026-01-31T12:00:00.000Z"}""";

    public static ApiKeyAnswer Of(ApiKeyRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.Key, row.Company, row.Label, NamesOf(row.Scopes), row.Kind, Secret: null, row.CreatedAt);
    }

    public static IReadOnlyList<string> NamesOf(Scopes scopes) => [.. Http.EnumNames<Scopes>.ByName.Where(s => scopes.HasFlag(s.Value)).Select(s => s.Key)];
}
