using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>
/// Credentials of customers' roles, assumed with this installation's web identity and kept until shortly before they
/// expire. Whoever needs some while they are being fetched waits for the same answer; failures are not kept.
/// </summary>
internal sealed class AwsRoles(EgressClient egress, TimeProvider time)
{
    public const int MaxRoles = 10_000;
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>Of the fetch; those who wait for it have deadlines of their own.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Amazon's own libraries ask again so early.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>A queue that refuses new credentials too is not opened by still newer ones.</summary>
    private static readonly TimeSpan BetweenReplacements = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(AwsRole Role, string Region), Entry> _entries = [];
    private readonly Lock _lock = new();

    public async Task<AwsGrant> Get(AwsRole role, string region, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            return await Shared(role, region).WaitAsync(timeout, time, ct);
        }
        catch (TimeoutException)
        {
            return AwsGrant.Failed(FailureClass.Auth, "STS did not answer before the deadline.");
        }
    }

    /// <summary>They may have been revoked.</summary>
    /// <returns>Whether others are to be had: not where these are new.</returns>
    public bool Refused(AwsRole role, string region, AwsCredentials credentials)
    {
        lock (_lock)
        {
            var isHeld = _entries.TryGetValue((role, region), out var entry) && entry.Held?.Credentials == credentials;
            if (isHeld && time.GetElapsedTime(entry!.AskedAt) <= BetweenReplacements)
            {
                return false;
            }

            if (isHeld)
            {
                _entries.Remove((role, region));
            }

            return true;
        }
    }

    private Task<AwsGrant> Shared(AwsRole role, string region)
    {
        Entry entry;
        lock (_lock)
        {
            var present = _entries.GetValueOrDefault((role, region));
            if (present is not null && (present.Held is null || present.Held.Expiry - Margin > time.GetUtcNow()))
            {
                return present.Answer.Task;
            }

            if (present is null && _entries.Count == MaxRoles)
            {
                _entries.Remove(_entries.MinBy(e => e.Value.AskedAt).Key);
            }

            entry = new Entry(time.GetTimestamp());
            _entries[(role, region)] = entry;
        }

        _ = Fetch(entry, role, region);
        return entry.Answer.Task;
    }

    private async Task Fetch(Entry entry, AwsRole role, string region)
    {
        try
        {
            var grant = await Ask(role, region);
            Keep(entry, role, region, grant.Credentials is null ? null : grant);
            entry.Answer.SetResult(grant);
        }
        catch (Exception e)
        {
            Keep(entry, role, region, null);
            entry.Answer.SetException(e);
        }
    }

    private async Task<AwsGrant> Ask(AwsRole role, string region)
    {
        string token;
        try
        {
            // Read each time: whoever issues it replaces it while we run.
            token = egress.Options.AwsWebIdentityTokenFile is { Length: > 0 } file ? (await File.ReadAllTextAsync(file)).Trim() : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            token = "";
        }

        if (token.Length == 0)
        {
            return AwsGrant.Failed(FailureClass.Internal, "This installation has no web identity at the moment to assume the role with.");
        }

        var form = $"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={Uri.EscapeDataString(role.RoleArn)}&RoleSessionName={role.SessionName}&WebIdentityToken={Uri.EscapeDataString(token)}";
        // Never an endpoint of the customer's: the token is this installation's own.
        var url = egress.Options.AwsStsUrl is { Length: > 0 } own ? new Uri(own) : AwsNames.Endpoint(AwsNames.TokenService, region);
        Header[] headers = [new("User-Agent", RequestHeaders.UserAgent), new("Content-Type", "application/x-www-form-urlencoded")];
        return AwsGrant.Of(await egress.Ask(new OutgoingRequest(url, "POST", headers, Encoding.UTF8.GetBytes(form), Deadline), MaxAnswerBytes, CancellationToken.None));
    }

    /// <param name="grant">Null: there is none, so the next one asks again.</param>
    private void Keep(Entry entry, AwsRole role, string region, AwsGrant? grant)
    {
        lock (_lock)
        {
            entry.Held = grant;
            if (grant is null && _entries.GetValueOrDefault((role, region)) == entry)
            {
                _entries.Remove((role, region));
            }
        }
    }

    /// <summary>What is held changes under the lock.</summary>
    private sealed class Entry(long askedAt)
    {
        public long AskedAt => askedAt;
        public TaskCompletionSource<AwsGrant> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null while they are being fetched.</summary>
        public AwsGrant? Held { get; set; }
    }
}
