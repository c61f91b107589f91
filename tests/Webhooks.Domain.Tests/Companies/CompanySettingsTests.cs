using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Companies;

public class CompanySettingsTests
{
    private static readonly CompanyRegistered Acme = new("acme", "Acme Ltd");
    private static readonly CompanySettings Patient = new() { DefaultRetryPolicy = WithEveryLimit };

    [Fact]
    public void A_company_has_no_settings_of_its_own_until_it_sets_them()
    {
        Assert.Equal(CompanySettings.None, GivenCompany(Acme).State.Settings);
        GivenCompany(Acme).When(new ChangeCompanySettings(Patient)).Then(new CompanySettingsChanged(Patient));
        Assert.Equal(Patient, GivenCompany(Acme).After(new ChangeCompanySettings(Patient)).State.Settings);
    }

    [Fact]
    public void Settings_are_replaced_as_a_whole_and_can_be_taken_back()
    {
        var patient = GivenCompany(Acme, new CompanySettingsChanged(Patient));
        patient.When(new ChangeCompanySettings(Patient)).ThenNothing();
        patient.When(new ChangeCompanySettings(CompanySettings.None)).Then(new CompanySettingsChanged(CompanySettings.None));
    }

    [Fact]
    public void A_policy_that_breaks_a_rule_is_refused_at_its_field() =>
        GivenCompany(Acme).When(new ChangeCompanySettings(new CompanySettings { DefaultRetryPolicy = new FixedRetry(0) }))
            .ThenInvalid("default_retry_policy.interval_ms", "retry_policy.interval");

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void A_weight_that_breaks_its_rule_is_refused(int weight) =>
        GivenCompany(Acme).When(new ChangeCompanySettings(new CompanySettings { Weight = weight })).ThenInvalid("weight", "company.weight");

    [Fact]
    public void Neither_the_installation_nor_a_stranger_has_settings()
    {
        GivenInstallation().When(new ChangeCompanySettings(Patient)).ThenRefused("company.not_found", RefusalKind.NotFound);
        GivenCompany().When(new ChangeCompanySettings(Patient)).ThenRefused("company.not_found", RefusalKind.NotFound);
    }
}
