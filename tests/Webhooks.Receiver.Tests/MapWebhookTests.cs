using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

/// <summary>The route, asked over HTTP.</summary>
public sealed class MapWebhookTests
{
    public static TheoryData<string> All => [.. SchemeNames];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_genuine_request_is_handled_and_answered_with_200(string scheme)
    {
        await using var receiver = await ReceivingApp.Start(Verifier(scheme, Secret));

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign(scheme, SentAt, Secret))).StatusCode);
        var webhook = Assert.Single(receiver.Received);
        Assert.Equal(Body, webhook.Body.ToArray());
        Assert.Equal("order.paid", webhook.EventType);
        Assert.Equal(17, webhook.Json<Order>()!.Number);
        Assert.NotNull(webhook.Id);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_forged_request_is_answered_with_401_and_why_and_never_handled(string scheme)
    {
        await using var receiver = await ReceivingApp.Start(Verifier(scheme, Secret));

        using var response = await receiver.Send(Sign(scheme, SentAt, OtherSecret));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("signature_mismatch", (await response.Content.ReadFromJsonAsync<Answer>())!.Fault);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_request_without_a_signature_is_answered_with_the_header_that_it_lacks()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));

        using var response = await receiver.Send(Sign("standard", SentAt, Secret).Without("webhook-signature"));

        Assert.Equal(new Answer("header_missing", "webhook-signature"), await response.Content.ReadFromJsonAsync<Answer>());
    }

    [Fact]
    public async Task The_signed_time_is_compared_with_the_clock_that_the_options_name()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));

        using var response = await receiver.Send(Sign("standard", SentAt.AddMinutes(-6), Secret));

        Assert.Equal("too_old", (await response.Content.ReadFromJsonAsync<Answer>())!.Fault);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Of_a_GET_request_the_query_string_is_verified(string scheme)
    {
        await using var receiver = await ReceivingApp.Start(Verifier(scheme, Secret), new() { Methods = ["GET"] });
        var sent = Get(scheme, SentAt, "page=2&q=%C3%B6+x", Secret);

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(sent, "?page=2&q=%C3%B6+x")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Send(sent, "?page=3&q=%C3%B6+x")).StatusCode);
    }

    [Theory]
    [InlineData("?page=2")]
    [InlineData("page=2?q=1")]
    [InlineData("?")]
    [InlineData("")]
    public async Task Question_marks_after_the_first_belong_to_the_query_string(string query)
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret), new() { Methods = ["GET"] });

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Get("standard", SentAt, query, Secret), "?" + query)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_GET_request_hands_over_no_body_and_one_that_brings_a_body_is_refused(string scheme)
    {
        await using var receiver = await ReceivingApp.Start(Verifier(scheme, Secret), new() { Methods = ["POST", "GET"] });
        var sent = Get(scheme, SentAt, "page=2", Secret);

        Assert.Equal(HttpStatusCode.BadRequest, (await receiver.Send(sent, "?page=2", Body, packing: null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await receiver.Send(sent, "?page=2", Gzip(Body))).StatusCode);
        Assert.Empty(receiver.Received);
        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(sent, "?page=2", [], packing: null)).StatusCode);
        Assert.True(Assert.Single(receiver.Received).Body.IsEmpty);
    }

    [Fact]
    public async Task A_body_that_was_signed_and_comes_back_as_a_query_string_is_no_body()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("github", Secret), new() { Methods = ["POST", "GET"] });
        var sent = Sign("github", SentAt, "amount=1"u8.ToArray(), Secret) with { Method = "GET" };

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(sent, "?amount=1")).StatusCode);
        Assert.True(Assert.Single(receiver.Received).Body.IsEmpty);
    }

    [Fact]
    public async Task A_method_that_the_options_do_not_name_is_not_answered()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await receiver.Send(Get("standard", SentAt, "", Secret))).StatusCode);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_packed_body_is_unpacked_before_it_is_verified(string scheme)
    {
        await using var receiver = await ReceivingApp.Start(Verifier(scheme, Secret));

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign(scheme, SentAt, Secret), "", Gzip(Body))).StatusCode);
        Assert.Equal(Body, Assert.Single(receiver.Received).Body.ToArray());
    }

    [Fact]
    public async Task A_body_may_be_as_large_as_allowed_and_no_larger_packed_or_not()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret), new() { MaxBodyBytes = 100_000 });
        var (fits, tooLarge) = (new byte[100_000], new byte[100_001]);

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, fits, Secret))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, fits, Secret), "", Gzip(fits))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await receiver.Send(Sign("standard", SentAt, tooLarge, Secret))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await receiver.Send(Sign("standard", SentAt, tooLarge, Secret), "", Gzip(tooLarge))).StatusCode);
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task What_cannot_be_unpacked_is_a_bad_request_and_another_packing_is_not_supported()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));

        Assert.Equal(HttpStatusCode.BadRequest, (await receiver.Send(Sign("standard", SentAt, Secret), "", Body)).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await receiver.Send(Sign("standard", SentAt, Secret), "", Body, "br")).StatusCode);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_packed_body_that_breaks_off_is_not_the_one_that_was_signed()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));
        var packed = Gzip(Body);

        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Send(Sign("standard", SentAt, Secret), "", packed[..(packed.Length / 2)])).StatusCode);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_verifier_is_chosen_by_the_request_and_without_one_there_is_nothing()
    {
        var verifiers = new Dictionary<string, WebhookVerifier> { ["acme"] = Verifier("standard", Secret), ["other"] = Verifier("standard", OtherSecret) };
        await using var receiver = await ReceivingApp.Start(http => new(verifiers.GetValueOrDefault(http.Request.Query["customer"].ToString())));
        var sent = Sign("standard", SentAt, Secret);

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(sent, "?customer=acme")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Send(sent, "?customer=other")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await receiver.Send(sent, "?customer=nobody")).StatusCode);
    }

    [Fact]
    public async Task The_handler_may_answer_with_a_status_of_its_own()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret));
        receiver.Handle = (_, http) =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        };

        Assert.Equal(HttpStatusCode.Gone, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
    }

    [Fact]
    public Task Bodies_of_no_length_at_all_cannot_be_meant() =>
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReceivingApp.Start(Verifier("standard", Secret), new() { MaxBodyBytes = 0 }));

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private sealed record Answer(string Fault, string? Header);

    private sealed record Order([property: System.Text.Json.Serialization.JsonPropertyName("order")] int Number);
}
