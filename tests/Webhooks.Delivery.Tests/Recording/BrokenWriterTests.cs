using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Recording;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recording;

/// <summary>Whatever an error left of the writer's connection, the writer goes on.</summary>
public sealed class BrokenWriterTests(Installation installation) : IClassFixture<Installation>
{
    private const string Sessions = "select count(*) from pg_stat_activity where application_name = 'idle writer'";

    [Fact]
    public async Task A_session_that_the_server_ends_is_replaced()
    {
        await using var line = new DatabaseLine(installation.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create($"{line.ConnectionString};Application Name=idle writer;Options=-c idle_session_timeout=200");
        using var meter = new Meter("test");
        await using var writer = new AppendWriter(
            dataSource, new LogSignal(TimeProvider.System), new DatabaseClock(TimeProvider.System), Installation.Patient, TimeProvider.System, new AppendMetrics(meter), NullLogger<AppendWriter>.Instance);
        await Eventually.Is(() => Appends(writer), "it is written");
        await Eventually.Is(async () => await installation.Scalar<long>(Sessions) == 0, "the session has ended");
        await Eventually.Is(() => Appends(writer), "it is written again");
    }

    private async Task<bool> Appends(AppendWriter writer)
    {
        try
        {
            return await writer.Append(Accept()) is AppendOutcome.Committed;
        }
        catch (PostgresException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private PendingAppend Accept() => new()
    {
        IsAccept = true,
        Facts = [new NewFact(Guid.CreateVersion7(), 1, new EventEmitted("order.paid", DateTimeOffset.UnixEpoch, 2, "x", null, null, 0, Array.Empty<PlannedDelivery>()), new FactMeta(installation.Company, null, Guid.NewGuid()))],
    };
}
