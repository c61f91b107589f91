using System.Text;
using Webhooks.Domain.Companies;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

/// <summary>What was added to facts about keys after their golden files were written.</summary>
public class ApiKeyFactsTests
{
    private const string Name = "company.api_key_issued.v1";

    [Fact]
    public void A_shared_secret_stands_sealed_in_place_of_the_hash()
    {
        var fact = new ApiKeyIssued(Id<ApiKeyId>(1), "key 1", Scopes.Manage, null) { SharedSecret = Secret(1) };
        var json = FactCatalogue.Serialize(fact);

        Assert.Equal("""{"key":"key_01h455vb4pex5vskg000000001","label":"key 1","scopes":"manage","shared_secret":"sealed:1"}""", Encoding.UTF8.GetString(json));
        Assert.Equal(fact, FactCatalogue.Deserialize(Name, json));
        Assert.Equal(ApiKeyKind.SharedSecret, fact.Kind);
    }

    [Fact]
    public void A_key_issued_before_there_were_kinds_is_hashed() => Assert.Equal(ApiKeyKind.Hashed, Key(1).Kind);
}
