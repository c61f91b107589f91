using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Queues written to in the name of a customer's role, assumed with this installation's own identity.</summary>
public sealed class RolesTests : IAsyncLifetime
{
    private static readonly AwsRole Role = new("arn:aws:iam::123456789012:role/Webhooks", "com_1");
    private readonly AwsEmulator _aws = new();
    private readonly FakeClock _clock = new();
    private readonly string _folder = TemporaryFolder.Create();
    private EgressClient _egress = null!;
    private DestinationSet _destinations = null!;

    private string TokenFile => Path.Combine(_folder, "token");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(TokenFile, "ey.canary.token\n");
        _egress = new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"], AwsWebIdentityTokenFile = TokenFile, AwsStsUrl = _aws.Url }, _clock);
        _destinations = new DestinationSet(_egress, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _destinations.DisposeAsync();
        _egress.Dispose();
        await _aws.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<SendResult> Send(AwsRole? role = null)
    {
        var target = Targets.Queue(_aws, identity: role ?? Role);
        return _destinations.For(target).Send(Targets.Message(target), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_role_is_assumed_once_in_a_session_named_after_the_company_and_signs_with_its_token()
    {
        Assert.All(await Task.WhenAll(Send(), Send(), Send()), r => Assert.Null(r.Failure));
        var assumed = Assert.Single(_aws.Assumed);
        Assert.Equal((Role.RoleArn, "com_1", "ey.canary.token"), (assumed["RoleArn"], assumed["RoleSessionName"], assumed["WebIdentityToken"]));
        Assert.Equal(3, _aws.Queued.Count);
    }

    [Fact]
    public async Task Another_companys_session_is_another_one()
    {
        await Send();
        await Send(Role with { SessionName = "com_2" });
        Assert.Equal(["com_1", "com_2"], _aws.Assumed.Select(a => a["RoleSessionName"]));
    }

    [Fact]
    public async Task Credentials_that_are_about_to_expire_are_replaced()
    {
        _aws.RolesUntil = _clock.GetUtcNow().AddMinutes(4);
        await Send();
        await Send();
        Assert.Equal(2, _aws.Assumed.Count);
    }

    [Fact]
    public async Task Credentials_that_a_queue_refuses_are_replaced_unless_they_are_new()
    {
        _aws.Refuse = r => r.Contains("SendMessage", StringComparison.Ordinal) ? (403, """{"__type":"com.amazon.coral.service#ExpiredTokenException"}""") : null;
        await Send();
        await Send();
        Assert.Single(_aws.Assumed);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await Send();
        await Send();
        Assert.Equal(2, _aws.Assumed.Count);
    }

    [Fact]
    public async Task A_message_whose_kept_credentials_are_refused_goes_again_with_new_ones()
    {
        await Send();
        _clock.Advance(TimeSpan.FromMinutes(2));
        var refusals = 0;
        _aws.Refuse = r => r.Contains("SendMessage", StringComparison.Ordinal) && refusals++ == 0 ? (403, """{"__type":"com.amazon.coral.service#ExpiredTokenException"}""") : null;
        Assert.Null((await Send()).Failure);
        Assert.Equal(2, _aws.Assumed.Count);
    }

    [Fact]
    public async Task A_role_that_is_not_to_be_had_is_told_and_asked_for_again()
    {
        _aws.Refuse = r => r.Contains("AssumeRole", StringComparison.Ordinal) ? (403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>ey.canary.token</Message></Error></ErrorResponse>") : null;
        var result = await Send();
        Assert.Equal((FailureClass.Auth, null, "STS answered 403 (AccessDenied): the role was not to be had."), (result.Failure, result.StatusCode, result.Detail));
        Assert.Empty(result.ResponseBody);
        _aws.Refuse = _ => null;
        Assert.Null((await Send()).Failure);
    }

    [Fact]
    public async Task Without_a_token_the_fault_is_this_installations_own()
    {
        File.Delete(TokenFile);
        Assert.Equal(FailureClass.Internal, (await Send()).Failure);
        Assert.Empty(_aws.Requests);
    }

    [Fact]
    public async Task An_answer_that_quotes_the_roles_token_is_not_kept()
    {
        _aws.Refuse = r => r.Contains("SendMessage", StringComparison.Ordinal) ? (400, $"The canonical string was x-amz-security-token:{AwsEmulator.SessionToken}") : null;
        var result = await Send();
        Assert.Equal((FailureClass.Status, 0, true), (result.Failure, result.ResponseBody.Length, result.ResponseTruncated));
    }
}
