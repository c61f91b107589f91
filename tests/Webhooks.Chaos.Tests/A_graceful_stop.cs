using System.Net.Sockets;
using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>SIGTERM under load, while receivers take their time.</summary>
public sealed class A_graceful_stop
{
    [Fact]
    public async Task What_is_under_way_is_recorded_and_nothing_is_sent_twice()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var receiver = await Receiver.Start();
        await using var node = new Node(Settings.Of(TemporaryFolder.Create(), database.ConnectionString));
        using var platform = new Platform(node);
        await node.Start();
        var company = await platform.RegisterCompany();
        await platform.RegisterWebhook(company, receiver.Url + "/slow", [], [20]);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = async _ =>
        {
            await goOn.Task;
            return 200;
        };
        var load = new Load(platform, company, "a");
        using var stop = new CancellationTokenSource();
        var emitting = load.Run(emitters: 6, stop.Token);
        await receiver.Has(Settings.MaxHanging);
        await Eventually.Is(() => load.Accepted.Count() > 10 * Settings.MaxInFlight, "more events wait than are under way");

        var address = await node.Address;
        await node.Ask();
        await Eventually.Is(() => Refuses(address), "the stopping node takes no more connections");
        Assert.Equal(Settings.MaxHanging, receiver.Arrivals.Count);
        goOn.SetResult();
        Assert.Equal(0, await node.Ended());

        var ledger = await Ledger.Read(database.DataSource);
        Verdict.None(ledger.Faults(), "after the stop");
        Verdict.None(
            receiver.Arrivals.Where(a => ledger.Deliveries.Values.Single(d => d.Delivery.ToString() == a.Delivery).Successes != 1).Select(a => $"{a.Delivery} was answered, and its outcome not recorded"),
            "after the stop");

        await node.Start();
        await stop.CancelAsync();
        await emitting;
        await Verdict.Drained(database.DataSource);
        ledger = await Ledger.Read(database.DataSource);
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(Verdict.OfEmissions(ledger, load, _ => 1), "emissions");
        Verdict.None(Verdict.OfDeliveries(ledger, receiver), "deliveries");
        Verdict.None(receiver.Arrivals.Where(a => a.Time > 1).Select(a => $"{a.Delivery} came {a.Time} times"), "duplicates");
    }

    private static async Task<bool> Refuses(Uri address)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
