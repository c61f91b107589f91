using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Observing;

public sealed class TracesTests : IAsyncLifetime
{
    private readonly Installation _installation = new();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private Receiver _receiver = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        await _installation.InitializeAsync();
        _receiver = await Receiver.Start();
        var signal = new LogSignal(TimeProvider.System);
        _node = new DeliveryNode(
            _installation.DataSource, _installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), _installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System), Installation.Patient with { Lease = TimeSpan.FromSeconds(300) }, TimeProvider.System, NullLoggerFactory.Instance);
        await _node.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
        await _installation.DisposeAsync();
    }

    [Fact]
    public async Task An_attempt_stands_below_the_append_and_the_accept_that_led_to_it_in_the_emitters_trace()
    {
        using var listener = Listen();
        _receiver.Answer = _ => Task.FromResult(503);
        var webhook = await _installation.Register(_receiver.Url, c => c with { MaxAttempts = 1 });
        using var request = new Activity("request").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start();
        var accepted = await Emit();
        request.Stop();

        var attempt = await Ended("webhooks.attempt", "webhooks.delivery", accepted.Deliveries[0].ToString());
        var append = _ended.Single(a => a.SpanId == attempt.ParentSpanId);
        var accept = _ended.Single(a => a.SpanId == append.ParentSpanId);
        Assert.Equal(("webhooks.append", "webhooks.accept"), (append.OperationName, accept.OperationName));
        Assert.Equal(request.SpanId, accept.ParentSpanId);
        Assert.Equal(request.TraceId, attempt.TraceId);
        Assert.Equal(ActivityStatusCode.Error, attempt.Status);
        Assert.Equal("status", attempt.GetTagItem("error.type"));
        Assert.Equal(503, attempt.GetTagItem("http.response.status_code"));
        Assert.Equal(webhook.ToString(), attempt.GetTagItem("webhooks.webhook"));
        Assert.Equal(1, attempt.GetTagItem("webhooks.attempt"));
    }

    [Fact]
    public async Task An_attempt_made_from_the_database_begins_a_trace_of_its_own()
    {
        using var listener = Listen();
        _receiver.Answer = r => Task.FromResult(r.Attempt == 1 ? 503 : 200);
        await _installation.Register(_receiver.Url);
        var delivery = (await Emit()).Deliveries[0].ToString();

        await Eventually.Is(() => Attempts(delivery).Length == 2, "both attempts are traced");
        var second = Attempts(delivery).Single(a => Equals(a.GetTagItem("webhooks.attempt"), 2));
        Assert.Equal(default, second.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Unset, second.Status);
    }

    [Fact]
    public async Task The_header_traceparent_names_the_span_of_its_attempt()
    {
        using var listener = Listen();
        await _installation.Register(_receiver.Url, c => c with { Transport = new Transport { Traceparent = true } });
        var accepted = await Emit();

        var attempt = await Ended("webhooks.attempt", "webhooks.delivery", accepted.Deliveries[0].ToString());
        Assert.Equal($"00-{attempt.TraceId}-{attempt.SpanId}-00", Assert.Single(_receiver.Requests).Headers["traceparent"]);
    }

    private Activity[] Attempts(string delivery) => [.. _ended.Where(a => a.OperationName == "webhooks.attempt" && Equals(a.GetTagItem("webhooks.delivery"), delivery))];

    private async Task<Activity> Ended(string operation, string tag, string value)
    {
        Activity? found = null;
        await Eventually.Is(() => (found = _ended.FirstOrDefault(a => a.OperationName == operation && Equals(a.GetTagItem(tag), value))) is not null, $"{operation} of {value} has ended");
        return found!;
    }

    private async Task<EmitOutcome.Accepted> Emit() =>
        Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(new EventToEmit(_installation.Company, "order.paid", "{}"u8.ToArray(), null, null, Guid.NewGuid()), default));

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Traces.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
