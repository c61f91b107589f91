using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Delivery.Tests.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Testing;
using BareReceiver = Webhooks.Delivery.Tests.Sending.Receiver;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Brokers that are none, or that go away: what a real one does not do when it is asked.</summary>
public sealed class RabbitMqFaultsTests
{
    private static RabbitMqTarget Target(int port, bool tls = false) =>
        new("wh_1", new RabbitMqDestination("127.0.0.1", port, tls, "/", "guest", new SealedSecret("sealed:1"), "", "q"), "guest");

    [Fact]
    public async Task No_broker_at_the_port_is_a_failed_connection()
    {
        using var closed = new ClosedPort();
        Assert.Equal(FailureClass.Connect, (await Targets.Send(Targets.Message(Target(closed.Port)))).Failure);
    }

    [Fact]
    public async Task What_hangs_up_is_a_broken_connection()
    {
        await using var receiver = BareReceiver.Raw((_, _) => Task.CompletedTask);
        var result = await Targets.Send(Targets.Message(Target(receiver.Port)));
        Assert.Equal((FailureClass.Reset, null), (result.Failure, result.StatusCode));
    }

    [Fact]
    public async Task What_says_nothing_runs_into_the_deadline()
    {
        var time = new TimeByHand();
        var dialled = new TaskCompletionSource();
        await using var receiver = BareReceiver.Raw((_, ct) =>
        {
            dialled.SetResult();
            return BareReceiver.Forever(ct);
        });
        var sending = Targets.Send(Targets.Message(Target(receiver.Port)), time: time);
        await dialled.Task;
        time.PassDeadlines();
        Assert.Equal(FailureClass.Timeout, (await sending).Failure);
    }

    [Fact]
    public async Task What_announces_more_than_a_returned_message_is_hung_up_on()
    {
        await using var receiver = BareReceiver.Raw(async (stream, ct) =>
        {
            byte[] announced = [1, 0, 0, 0x02, 0, 0, 0];
            await stream.WriteAsync(announced, ct);
            await BareReceiver.Forever(ct);
        });
        Assert.Equal(FailureClass.Reset, (await Targets.Send(Targets.Message(Target(receiver.Port)))).Failure);
    }

    [Fact]
    public async Task Without_TLS_nothing_is_sent_where_the_installation_asks_for_it()
    {
        await using var receiver = BareReceiver.Raw((_, ct) => BareReceiver.Forever(ct));
        var result = await Targets.Send(Targets.Message(Target(receiver.Port)), new EgressOptions { AllowNetworks = ["127.0.0.0/8"], HttpsOnly = true });
        Assert.Equal(FailureClass.Blocked, result.Failure);
        Assert.Empty(receiver.Dialled);
    }
}
