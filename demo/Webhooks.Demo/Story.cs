using System.Runtime.InteropServices;
using Webhooks.Demo.Receiving;
using Webhooks.Demo.Showing;

namespace Webhooks.Demo;

/// <summary>The story from the first line to the last, and everything ended and removed after it, however it ends.</summary>
internal static class Story
{
    private const int SignalExit = 128;

    /// <returns>The exit code: 0 when all was seen as told, 1 when not, 128 and the signal's number when stopped by one.</returns>
    public static async Task<int> Run()
    {
        using var stop = new CancellationTokenSource();
        var stoppedBy = 0;
        void Stop(PosixSignalContext signal)
        {
            // The process goes on, to clean up behind itself.
            signal.Cancel = true;
            stoppedBy = signal.Signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, _ => 15 };
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            await Tell(new Screen(), stop.Token);
            return 0;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Whatever failed, it failed because everything was being stopped.
            return SignalExit + stoppedBy;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e is DemoException ? e.Message : $"The demo failed: {e.Message}");
            return 1;
        }
    }

    private static async Task Tell(Screen screen, CancellationToken ct)
    {
        screen.Title("Webhooks: six events, three webhooks, every way a delivery can go");
        using var data = new TemporaryData();
        await using var receiver = await Receiver.Start(ct);
        await using var service = ServiceProcess.Start(data.Path);
        var address = await screen.Step(
            "Starting the service with a PostgreSQL of its own", () => service.WaitUntilUp(ct), a => $"The service is up on {a.Authority}, with a PostgreSQL of its own");

        using var admin = new ServiceApi(address, ServiceProcess.AdminKey, service.AdminSecret);
        using var customer = await screen.Step(
            "Registering a company", () => Customer.Register(admin, address, ct), c => $"Company {c.Code} is registered, with an API key of its own");
        await screen.Step(
            "Registering webhooks", () => customer.Subscribe(receiver, ct), _ => $"Three webhooks lead to a receiver on {receiver.Address.Authority}");
        foreach (var s in Subscriber.All)
        {
            screen.Faint($"    {s.Label,-8} {s.Scheme,-9} {(s.EventTypes.Length == 0 ? "all events" : $"{s.EventTypes.Length} event types"),-14} {s.Habit}");
        }

        var events = await screen.Step(
            "Emitting events", () => customer.Emit(DateTimeOffset.UtcNow, ct), e => $"{e.Sids.Count} events are accepted, for {e.Deliveries} deliveries");

        var watch = new DeliveryWatch(customer, events, receiver);
        await screen.Show(watch.Looks(ct));
        var findings = await Findings.Check(watch.Last, events, receiver, ct);
        findings.Tell(screen);
        WayOn.Tell(screen);
    }
}
