using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Operations;

public class ProjectionTests(Platform platform) : IClassFixture<Platform>
{
    private async Task<JsonNode> Projection(string name) =>
        (await platform.Service.Get("/v1/admin/projections")).Expect(200)["projections"]!.AsArray().Single(p => (string?)p!["name"] == name)!;

    [Fact]
    public async Task Read_models_are_listed_with_position_and_lag()
    {
        var tenant = await platform.GivenTenant();
        await tenant.Accepted("a", "1");
        await tenant.List("/v1/deliveries");
        await Eventually.Is(async () => (string?)(await Projection("deliveries"))["state"] == "current", "the list has caught up");
        var deliveries = await Projection("deliveries");
        Assert.Matches(@"^\d+/\d+$", (string?)deliveries["position"]);
        Assert.Equal((string?)deliveries["position"], (string?)deliveries["head"]);
        Assert.Equal(0, (long?)deliveries["lag_facts"]);
        Assert.Equal("transaction", (string?)(await Projection("registrations"))["follows"]);
    }

    [Theory]
    [InlineData("deliveries")]
    [InlineData("registrations")]
    public async Task A_rebuilt_read_model_says_what_it_said_before(string name)
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        var e = await tenant.Accepted("a", "1");
        await tenant.Delivery(e, "succeeded");
        var before = (await tenant.List("/v1/deliveries"))["deliveries"]!.ToJsonString();

        await Eventually.Is(async () => (await platform.Service.Post($"/v1/admin/projections/{name}/~rebuild", null)).Status == 202, "no other rebuild is under way");
        await Eventually.Is(async () => (string?)(await Projection(name))["rebuild"]?["state"] == "done", "the rebuild is done");

        var rebuild = (await Projection(name))["rebuild"]!;
        Assert.True((long?)rebuild["facts_read"] > 0);
        Assert.True((long?)rebuild["rows_written"] > 0);
        Assert.Equal(before, (await tenant.List("/v1/deliveries"))["deliveries"]!.ToJsonString());
        (await tenant.Get("/v1/webhooks")).Expect(200);
        await tenant.Delivery(await tenant.Accepted("b", "2"), "succeeded");
        Assert.Equal(2, (await tenant.Sids("/v1/deliveries", "deliveries")).Count);
    }

    [Fact]
    public async Task One_rebuild_runs_at_a_time()
    {
        await using var other = await platform.Service.Database.DataSource.OpenConnectionAsync();
        await Execute(other, "select pg_advisory_lock(hashtextextended('read.rebuild', 0))");
        (await platform.Service.Post("/v1/admin/projections/deliveries/~rebuild", null)).ExpectProblem(409, "rebuild.running");
        await Execute(other, "select pg_advisory_unlock(hashtextextended('read.rebuild', 0))");
    }

    [Fact]
    public async Task Only_admins_see_and_rebuild_read_models_that_exist()
    {
        var tenant = await platform.GivenTenant();
        (await tenant.Get("/v1/admin/projections")).ExpectProblem(403, "auth.scope");
        (await platform.Service.Post("/v1/admin/projections/deliveries/~rebuild", null, tenant.Key)).ExpectProblem(403, "auth.scope");
        (await platform.Service.Post("/v1/admin/projections/schedule/~rebuild", null)).ExpectProblem(404, "projection.not_found");
    }

    private static async Task Execute(Npgsql.NpgsqlConnection connection, string sql)
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
