using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Http;

public sealed class KeyRingTests(RunningService service) : IClassFixture<RunningService>
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_key_revoked_by_another_node_works_for_a_second_at_most()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await service.GivenApiKey(company, "read");
        var otherNode = Ring();
        Assert.Equal(Scopes.Read, (await Authenticate(otherNode, sid, secret))!.Scopes);

        await service.Delete($"/v1/companies/{company}/api-keys/{sid}");
        _clock.Advance(KeyRing.MaxAge - TimeSpan.FromTicks(1));
        Assert.NotNull(await Authenticate(otherNode, sid, secret));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await Authenticate(otherNode, sid, secret));
    }

    [Fact]
    public async Task Requests_at_the_same_time_get_the_same_caller()
    {
        var (sid, secret) = await service.GivenApiKey(await service.GivenCompany(), "emit");
        var ring = Ring();
        var callers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Authenticate(ring, sid, secret))));

        Assert.Single(callers.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public async Task After_a_failed_read_the_next_request_asks_again()
    {
        var (sid, secret) = await service.GivenApiKey(await service.GivenCompany(), "emit");
        await using var gone = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Timeout=2");
        var ring = Ring(gone);

        await Assert.ThrowsAsync<EventStore.DatabaseUnavailableException>(() => Authenticate(ring, sid, secret));
        await Assert.ThrowsAsync<EventStore.DatabaseUnavailableException>(() => Authenticate(ring, sid, secret));
    }

    [Fact]
    public async Task A_key_is_waited_for_as_long_as_an_event_is()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var database = Npgsql.NpgsqlDataSource.Create($"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=x;Timeout=0");
        var accept = service.Services.GetRequiredService<DeliveryOptions>().AcceptTimeout;
        Assert.NotEqual(new DeliveryOptions().AcceptTimeout, accept);

        var answer = Authenticate(Ring(database), (await service.GivenApiKey(await service.GivenCompany(), "emit")).Sid, "secret");
        await Eventually.Is(() => _clock.Waiting == 1, "it waits for the database");
        _clock.Advance(accept - TimeSpan.FromTicks(1));
        Assert.Equal(1, _clock.Waiting);
        _clock.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<EventStore.DatabaseUnavailableException>(() => answer);
    }

    [Fact]
    public async Task A_known_key_is_judged_without_allocations()
    {
        var (sid, secret) = await service.GivenApiKey(await service.GivenCompany(), "emit");
        var ring = Ring();
        await Authenticate(ring, sid, secret);
        var bytes = Encoding.UTF8.GetBytes(secret);
        Assert.NotNull(await ring.Authenticate(sid, bytes));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            await ring.Authenticate(sid, bytes);
        }

        // Collections that other tests bring about count for some kilobytes; the smallest object per call would for 240,000.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 239_999);
    }

    private KeyRing Ring(Npgsql.NpgsqlDataSource? database = null) => new(
        database is null ? service.Services.GetRequiredService<ApiKeyQueries>() : new ApiKeyQueries(database),
        service.Services.GetRequiredService<SecretSealer>(),
        service.Services.GetRequiredService<DeliveryOptions>(),
        _clock);

    private static Task<Caller?> Authenticate(KeyRing ring, string name, string secret) => ring.Authenticate(name, Encoding.UTF8.GetBytes(secret)).AsTask();
}
