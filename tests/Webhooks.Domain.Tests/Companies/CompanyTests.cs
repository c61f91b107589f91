using Webhooks.Domain.Companies;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Companies;

public class CompanyTests
{
    private static readonly CompanyRegistered Acme = new("acme", "Acme Ltd");

    [Fact]
    public void A_company_is_registered_once() =>
        GivenCompany().When(new RegisterCompany("acme", "Acme Ltd")).Then(Acme);

    [Fact]
    public void Registering_again_the_same_adds_nothing() =>
        GivenCompany(Acme).When(new RegisterCompany("acme", "Acme Ltd")).ThenNothing();

    [Theory]
    [InlineData("acme", "Another")]
    [InlineData("other", "Acme Ltd")]
    [InlineData("ACME", "Acme Ltd")]
    public void Registering_again_with_something_else_is_a_conflict(string code, string name) =>
        GivenCompany(Acme).When(new RegisterCompany(code, name)).ThenRefused("company.exists");

    [Fact]
    public void The_installation_is_never_registered() =>
        GivenInstallation().When(new RegisterCompany("acme", "Acme Ltd")).ThenRefused("company.exists");

    [Theory]
    [InlineData("a")]
    [InlineData("0-9_.Z")]
    public void A_code_is_letters_digits_and_a_few_signs(string code) =>
        GivenCompany().When(new RegisterCompany(code, "n")).Then(new CompanyRegistered(code, "n"));

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("com_00000000000000000000000001")]
    public void Another_code_is_refused(string code) =>
        GivenCompany().When(new RegisterCompany(code, "n")).ThenInvalid("code", "company.code");

    [Fact]
    public void A_code_has_at_most_64_characters()
    {
        GivenCompany().When(new RegisterCompany(new string('a', 64), "n")).Accepted();
        GivenCompany().When(new RegisterCompany(new string('a', 65), "n")).ThenInvalid("code", "company.code");
    }

    [Fact]
    public void A_name_has_1_to_200_characters_without_controls()
    {
        GivenCompany().When(new RegisterCompany("a", new string('ä', 200))).Accepted();
        GivenCompany().When(new RegisterCompany("a", new string('ä', 201))).ThenInvalid("name", "company.name");
        GivenCompany().When(new RegisterCompany("a", "")).ThenInvalid("name", "company.name");
        GivenCompany().When(new RegisterCompany("a", "a\u0000b")).ThenInvalid("name", "company.name");
    }

    [Fact]
    public void A_key_is_issued() => GivenCompany(Acme).When(Issue(Key(1))).Then(Key(1));

    [Fact]
    public void Without_a_company_no_key_is_issued_or_revoked()
    {
        GivenCompany().When(Issue(Key(1))).ThenRefused("company.not_found", RefusalKind.NotFound);
        GivenCompany().When(new RevokeApiKey(Id<ApiKeyId>(1))).ThenRefused("company.not_found", RefusalKind.NotFound);
    }

    [Fact]
    public void Issuing_a_key_again_adds_nothing() => GivenCompany(Acme, Key(1)).When(Issue(Key(1))).ThenNothing();

    [Fact]
    public void Issuing_a_revoked_key_again_does_not_bring_it_back() =>
        GivenCompany(Acme, Key(1), new ApiKeyRevoked(Id<ApiKeyId>(1))).When(Issue(Key(1))).ThenNothing();

    [Fact]
    public void An_issued_key_is_never_issued_with_other_scopes_label_or_secret()
    {
        var given = GivenCompany(Acme, Key(1));
        given.When(Issue(Key(1, Scopes.Manage))).ThenRefused("api_key.exists");
        given.When(Issue(Key(1)) with { Label = "other" }).ThenRefused("api_key.exists");
        given.When(Issue(Key(1)) with { SecretHash = [9] }).ThenRefused("api_key.exists");
    }

    [Fact]
    public void A_key_names_at_least_one_scope() =>
        GivenCompany(Acme).When(Issue(Key(1, Scopes.None))).ThenInvalid("scopes", "api_key.scopes");

    [Theory]
    [InlineData(Scopes.Admin)]
    [InlineData(Scopes.Admin | Scopes.Read)]
    [InlineData((Scopes)16)]
    public void A_customer_never_gets_a_key_over_the_installation(Scopes scopes) =>
        GivenCompany(Acme).When(Issue(Key(1, scopes))).ThenInvalid("scopes", "api_key.scopes");

    [Fact]
    public void The_installation_issues_admin_keys()
    {
        GivenInstallation().When(Issue(Key(1, Scopes.Admin))).Then(Key(1, Scopes.Admin));
        GivenInstallation().When(Issue(Key(1, (Scopes)16))).ThenInvalid("scopes", "api_key.scopes");
    }

    [Fact]
    public void A_key_with_a_shared_secret_is_issued_once()
    {
        var issue = new IssueApiKey(Id<ApiKeyId>(1), "key 1", Scopes.Manage, SecretHash: null, Secret(1));
        GivenCompany(Acme).When(issue).Then(new ApiKeyIssued(Id<ApiKeyId>(1), "key 1", Scopes.Manage, null) { SharedSecret = Secret(1) });
        GivenCompany(Acme).After(issue).When(issue).ThenNothing();
        GivenCompany(Acme).After(issue).When(issue with { SharedSecret = Secret(2) }).ThenRefused("api_key.exists");
        GivenCompany(Acme).After(issue).When(issue with { SharedSecret = null, SecretHash = [1] }).ThenRefused("api_key.exists");
    }

    [Fact]
    public void A_key_over_the_installation_is_never_kept_readable() =>
        GivenInstallation().When(new IssueApiKey(Id<ApiKeyId>(1), "key 1", Scopes.Admin, null, Secret(1))).ThenInvalid("kind", "api_key.kind");

    [Fact]
    public void A_label_has_1_to_200_characters_without_controls()
    {
        GivenCompany(Acme).When(Issue(Key(1)) with { Label = new string('x', 200) }).Accepted();
        GivenCompany(Acme).When(Issue(Key(1)) with { Label = new string('x', 201) }).ThenInvalid("label", "api_key.label");
        GivenCompany(Acme).When(Issue(Key(1)) with { Label = "" }).ThenInvalid("label", "api_key.label");
        GivenCompany(Acme).When(Issue(Key(1)) with { Label = "a\tb" }).ThenInvalid("label", "api_key.label");
    }

    [Fact]
    public void A_company_has_at_most_100_active_keys()
    {
        var full = GivenCompany(Acme).And(Enumerable.Range(1, 99).Select(n => Key(n))).After(Issue(Key(100)));
        full.When(Issue(Key(101))).ThenRefused("company.too_many_keys");
        full.When(Issue(Key(7))).ThenNothing();
        full.After(new RevokeApiKey(Id<ApiKeyId>(7))).When(Issue(Key(101))).Then(Key(101));
    }

    [Fact]
    public void A_key_is_revoked_once()
    {
        var revoke = new RevokeApiKey(Id<ApiKeyId>(1));
        GivenCompany(Acme, Key(1)).When(revoke).Then(new ApiKeyRevoked(Id<ApiKeyId>(1)));
        GivenCompany(Acme, Key(1)).After(revoke).When(revoke).ThenNothing();
    }

    [Fact]
    public void Revoking_an_unknown_key_is_not_found() =>
        GivenCompany(Acme, Key(1)).When(new RevokeApiKey(Id<ApiKeyId>(2))).ThenRefused("api_key.not_found", RefusalKind.NotFound);
}
