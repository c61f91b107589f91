using System.Text;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Payloads;
using Webhooks.EventStore;
using Webhooks.Projections.Catalogue;

namespace Webhooks.Projections.Tests.Catalogue;

public sealed class EnforcementQueriesTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly EventTypeDefinition Open = new("");
    private static readonly EventTypeDefinition Enforced = new("") { Schema = JsonText.Of(Encoding.UTF8.GetBytes("true")), Enforced = true };
    private static int _companies;

    private EnforcementQueries Queries => new(database.DataSource);

    private static CompanyId NewCompany() => new(Given.Id(9_000 + Interlocked.Increment(ref _companies)));

    private async Task Define(CompanyId company, string name, EventTypeDefinition definition, params Fact[] more) =>
        Assert.IsType<SaveResult.Saved>(await database.Append(EventTypeId.Of(company, name).Value, 0, Given.Meta with { Company = company }, [new EventTypeDefined(company, name, definition), .. more]));

    private async Task Settle(CompanyId company, CatalogueEnforcement enforcement) =>
        await database.Append(company.Value, 0, Given.Meta with { Company = company }, new CompanyRegistered(company.ToString(), "x"), new CompanySettingsChanged(new CompanySettings { EventCatalogue = enforcement }));

    private async Task<string[]> Loaded(CompanyId company) =>
        [.. (await Queries.Load(default)).Types.Where(t => t.Company == company).Select(t => t.Name!).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Types_are_loaded_where_they_are_enforced_and_no_others()
    {
        var company = NewCompany();
        await Define(company, "open", Open);
        await Define(company, "enforced", Enforced);
        await Define(company, "deprecated", Enforced, new EventTypeDeprecated(null, null));
        await Define(company, "deleted", Enforced, new EventTypeDeleted());
        Assert.Equal(["deprecated", "enforced"], await Loaded(company));
    }

    [Fact]
    public async Task Of_a_company_that_enforces_the_catalogue_and_of_the_installation_then_all_are_loaded()
    {
        var company = NewCompany();
        await Define(company, "own", Open);
        await Define(CompanyId.Installation, "of.all", Open);
        await Settle(company, CatalogueEnforcement.Types);
        Assert.Equal(["own"], await Loaded(company));
        Assert.Contains("of.all", await Loaded(CompanyId.Installation));
        Assert.Equal(CatalogueEnforcement.Types, (await Queries.Load(default)).Companies[company]);
    }

    [Fact]
    public async Task A_type_that_stands_before_an_enforced_one_of_the_installation_is_loaded_too()
    {
        var company = NewCompany();
        await Define(CompanyId.Installation, "shadowed", Enforced);
        await Define(company, "shadowed", Open);
        await Define(company, "other", Open);
        Assert.Equal(["shadowed"], await Loaded(company));
    }

    [Fact]
    public async Task The_version_moves_with_every_change_that_counts()
    {
        var (company, before) = (NewCompany(), await Queries.Version(default));
        await Define(company, "a", Open);
        var defined = await Queries.Version(default);
        await Settle(company, CatalogueEnforcement.Schemas);
        var settled = await Queries.Version(default);
        Assert.True(before < defined && defined < settled, $"{before} {defined} {settled}");
        Assert.True((await Queries.Load(default)).Version >= settled);
    }
}
