using System.Xml.Linq;
using Webhooks.Domain.Tests;

namespace Webhooks.Architecture.Tests;

public class ReferenceTests
{
    private static readonly string Framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static readonly Dictionary<string, string[]> AllowedProjects = new()
    {
        ["Webhooks.Domain"] = [],
        ["Webhooks.EventStore"] = ["Webhooks.Domain"],
        ["Webhooks.Projections"] = ["Webhooks.Domain", "Webhooks.EventStore"],
        ["Webhooks.Delivery"] = ["Webhooks.Domain", "Webhooks.EventStore"],
        ["webhooks"] = ["Webhooks.Domain", "Webhooks.EventStore", "Webhooks.Projections", "Webhooks.Delivery"],
    };

    public static TheoryData<string> Projects => [.. Product.Names];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_only_the_projects_below_it(string project) =>
        Broken.None(
            Product.ReferencesOf(project).Where(Product.Names.Contains).Except(AllowedProjects[project]),
            $"{project} may use only [{string.Join(", ", AllowedProjects[project])}]: dependencies point to the rules, and delivering never needs a read model.");

    [Fact]
    public void The_domain_uses_nothing_but_the_framework()
    {
        const string Rule = "The domain is pure: rules that need a package or ASP.NET are not rules.";
        Broken.None(Product.ReferencesOf("Webhooks.Domain").Where(a => !File.Exists(Path.Combine(Framework, $"{a}.dll"))), Rule);
        Broken.None(
            XDocument.Load(Path.Combine(Repository.Root, "src/Webhooks.Domain/Webhooks.Domain.csproj")).Descendants()
                .Where(e => e.Name.LocalName is "PackageReference" or "ProjectReference" or "FrameworkReference").Select(e => e.ToString()), Rule);
    }

    [Fact]
    public void Sending_knows_no_database() =>
        Broken.None(
            Source.Under("src/Webhooks.Delivery/Sending/").Where(s => s.Code.Contains("Npgsql", StringComparison.Ordinal)).Select(s => s.Path),
            "A slow receiver must never hold a database connection, so what sends has no way to ask for one.");

    [Fact]
    public void Only_Sending_dials_out() =>
        Broken.None(
            Source.All(".cs")
                .Where(s => !s.Path.StartsWith("src/Webhooks.Delivery/Sending/", StringComparison.Ordinal) && !s.Path.Contains("/Demo/", StringComparison.Ordinal))
                .Where(s => new[] { "HttpClient(", "SocketsHttpHandler", "HttpMessageInvoker(" }.Any(c => s.Code.Contains(c, StringComparison.Ordinal)))
                .Select(s => s.Path),
            "Whatever the service calls out to goes through the one guarded way out; a client of its own is a way around the SSRF guard.");

    [Fact]
    public void A_brokers_client_gets_its_connection_and_makes_none() =>
        Broken.None(
            Source.All(".cs")
                .Where(s => s.Code.Contains("new ConnectionFactory", StringComparison.Ordinal) && !s.Code.Contains("SocketFactory = _ => opened", StringComparison.Ordinal))
                .Select(s => s.Path),
            "A client library that dials by itself is a way around the SSRF guard: hand it a connection of EgressClient's.");

    [Fact]
    public void The_api_holds_no_sql() =>
        Broken.None(
            Source.Under("src/Webhooks.Api/").Where(s => Sql.Statement().IsMatch(s.Code)).Select(s => s.Path),
            "SQL lives beside the tables it speaks of: queries in Projections, the log in EventStore, the queue in Delivery.");
}
