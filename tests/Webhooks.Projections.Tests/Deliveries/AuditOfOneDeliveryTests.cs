using System.Text;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Deliveries;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Deliveries;

public sealed class AuditOfOneDeliveryTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly WebhookId Hook = new(Id(301));
    private static readonly DeliveryId Delivered = new(Id(311));
    private static readonly MessageId Event = new(Id(310));
    private static readonly AttemptRange All = new(Beyond: null, Descending: false, int.MaxValue);

    private DeliveryAudit Audit => new(
        database.DataSource,
        database.Store,
        Sealer);

    private static SecretSealer Sealer { get; } = new(new byte[SecretSealer.MasterKeyBytes]);

    [Fact]
    public async Task Every_attempt_is_shown_with_the_request_as_the_webhook_was_then()
    {
        await Tell();

        var details = await Audit.One(Delivered, All, default);

        Assert.NotNull(details);
        Assert.Equal((Hook, Event, "order.paid", 2), (details.Webhook, details.Event, details.Type, details.Version));
        Assert.Equal(new DeliveryState(DeliveryStatus.Succeeded, 2, 0, null), details.State);
        Assert.Equal(["https://old.test/", "https://new.test/"], details.Attempts.Select(a => a.Url));
        Assert.Equal(["POST", "PUT"], details.Attempts.Select(a => a.Method));
        Assert.Equal(Start.AddMinutes(1), details.Attempts[0].NextAttemptAt);
        Assert.Equal((503, FailureClass.Status), (details.Attempts[0].Attempt.StatusCode, details.Attempts[0].Attempt.Failure));
        Assert.Equal("no", Encoding.UTF8.GetString(details.Attempts[0].ResponseBody!));
        Assert.Null(details.Attempts[1].ResponseBody);
    }

    [Theory]
    [InlineData(null, false, 1, new[] { 1 })]
    [InlineData(1, false, 9, new[] { 2 })]
    [InlineData(2, false, 9, new int[0])]
    [InlineData(null, true, 9, new[] { 2, 1 })]
    [InlineData(2, true, 9, new[] { 1 })]
    [InlineData(null, true, 0, new int[0])]
    public async Task Only_the_attempts_asked_for_are_told(int? beyond, bool descending, int count, int[] told)
    {
        await Tell();

        var details = await Audit.One(Delivered, new AttemptRange(beyond, descending, count), default);

        Assert.Equal(told, details!.Attempts.Select(a => a.Attempt.Number));
        Assert.All(details.Attempts, a => Assert.Equal(a.Attempt.Number == 1, a.ResponseBody is not null));
        Assert.Equal((2, 2), (details.State.Attempts, details.LastAttempt!.Number));
    }

    [Fact]
    public async Task Sensitive_values_are_neither_opened_nor_shown()
    {
        await Tell();

        var attempt = (await Audit.One(Delivered, All, default))!.Attempts[1];

        Assert.Equal(
            RequestHeaders.Compose(Event, Delivered, 2, "order.paid", hasBody: true, [new("X-Shop", "berlin"), new("Authorization", "[redacted]")], [new("webhook-signature", "v1,abc")]),
            attempt.RequestHeaders);
        Assert.Equal([new("Server", "test"), new("Set-Cookie", "[redacted]")], attempt.ResponseHeaders);
    }

    [Fact]
    public async Task A_body_is_made_again_from_the_payload_while_that_is_kept()
    {
        await Tell();
        Assert.All((await Audit.One(Delivered, All, default))!.Attempts, a => Assert.Null(a.RequestBody));

        await database.Execute($$"""insert into es.payloads (message_id, company_id, type, emitted_at, body) values ('{{Event.Value}}', '{{Id(1)}}', 'order.paid', now(), '{ "n": 1.0 }'::bytea)""");
        var attempts = (await Audit.One(Delivered, All, default))!.Attempts;
        await database.Execute($"delete from es.payloads where message_id = '{Event.Value}'");

        Assert.Equal(["{ \"n\": 1.0 }", "{ \"n\": 1.0 }"], attempts.Select(a => Encoding.UTF8.GetString(a.RequestBody!)));
    }

    [Fact]
    public async Task A_body_that_was_too_large_to_be_sent_is_not_shown()
    {
        await Tell(JsonText.Of(Encoding.UTF8.GetBytes($$$"""{"set":{"x.y":"{{{new string('z', 16_000)}}}"}}""")));
        var payload = $$"""{"x":[{{string.Join(",", Enumerable.Repeat("{}", 200))}}]}""";

        await database.Execute($"insert into es.payloads (message_id, company_id, type, emitted_at, body) values ('{Event.Value}', '{Id(1)}', 'order.paid', now(), '{payload}'::bytea)");
        var attempts = (await Audit.One(Delivered, All, default))!.Attempts;
        await database.Execute($"delete from es.payloads where message_id = '{Event.Value}'");

        Assert.Equal([payload, null], attempts.Select(a => a.RequestBody is { } body ? Encoding.UTF8.GetString(body) : null));
    }

    [Fact]
    public async Task What_the_read_model_does_not_know_yet_is_found_by_its_attempts()
    {
        await Tell();
        await database.Execute("truncate read.deliveries, es.checkpoints");

        Assert.NotNull(await Audit.One(Delivered, All, default));
    }

    [Fact]
    public async Task A_delivery_that_waits_for_its_first_attempt_has_none_to_show()
    {
        await Tell();
        await database.Project();

        var details = await Audit.One(new DeliveryId(Id(312)), All, default);

        Assert.Equal(DeliveryState.Planned, details!.State);
        Assert.Empty(details.Attempts);
    }

    [Fact]
    public async Task An_unknown_delivery_is_not_found()
    {
        await Tell();

        Assert.Null(await Audit.One(new DeliveryId(Id(999)), All, default));
        Assert.Null(await Audit.One(new DeliveryId(Event.Value), All, default));
    }

    /// <param name="shape">Of the webhook at the second attempt.</param>
    private async Task Tell(JsonText? shape = null)
    {
        await database.Execute("truncate es.events, es.checkpoints, read.deliveries, read.webhooks, delivery.responses");
        var headers = new[] { new CustomHeader("X-Shop", Sealer.Seal("berlin", Hook.ToString()), true), new CustomHeader("Authorization", new SealedSecret("opening this would throw"), false) };
        var meta = Meta with { Correlation = Event.Value };
        await database.Append(Hook.Value, 0, Meta, Created(Configuration(url: "https://old.test/", headers: headers)));
        await database.Append(Event.Value, 0, meta, Emitted("order.paid", new(Delivered, Hook), new(new DeliveryId(Id(312)), Hook)));
        await database.Append(Delivered.Value, 0, meta, Failed(1, Start.AddMinutes(1)));
        await database.Append(Hook.Value, 2, Meta, new WebhookUpdated(Configuration(url: "https://new.test/", headers: headers) with { Method = "PUT", Shape = shape }));
        await database.Append(Delivered.Value, 1, meta, new AttemptSucceeded(Attempt(2, webhookVersion: 3)));
        await database.Execute($"insert into delivery.responses values ('{Delivered.Value}', 1, 'no'::bytea)");
    }
}
