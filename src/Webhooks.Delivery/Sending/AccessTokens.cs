using System.Text;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// Access tokens of webhooks, one each, kept until shortly before they expire. Whoever needs one while it is being
/// fetched waits for the same answer; a failure is told to those who wait, and not kept.
/// </summary>
/// <param name="ask">Sends a request past the guard.</param>
internal sealed class AccessTokens(Func<OutgoingRequest, CancellationToken, Task<SendResult>> ask, TimeProvider time)
{
    public const int MaxTokens = 10_000;

    /// <summary>Of the fetch; those who wait for it have deadlines of their own.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(30);

    /// <summary>A receiver that refuses the new token too is not to be had by still another one.</summary>
    private static readonly TimeSpan BetweenReplacements = TimeSpan.FromMinutes(1);

    private readonly Dictionary<WebhookId, Entry> _entries = [];
    private readonly Lock _lock = new();

    /// <param name="refused">A token that the receiver did not take; null at first.</param>
    public Task<AccessToken> Get(OAuthCredentials credentials, TlsIdentity? tls, AccessToken? refused)
    {
        Entry entry;
        lock (_lock)
        {
            var present = _entries.GetValueOrDefault(credentials.Webhook);
            if (present is not null && present.Version == credentials.Version && present.IsOfUse(refused, time))
            {
                return present.Answer.Task;
            }

            if (present is null && _entries.Count == MaxTokens)
            {
                _entries.Remove(_entries.MinBy(e => e.Value.AskedAt).Key);
            }

            entry = new Entry(credentials.Version, refused is not null, time.GetTimestamp());
            _entries[credentials.Webhook] = entry;
        }

        _ = Fetch(entry, credentials, tls);
        return entry.Answer.Task;
    }

    /// <summary>Whether another token may be taken where this one was not.</summary>
    /// <param name="since">When the request began: a token made for it is new already.</param>
    public bool IsWorthReplacing(OAuthCredentials credentials, AccessToken refused, long since)
    {
        lock (_lock)
        {
            return !_entries.TryGetValue(credentials.Webhook, out var entry)
                || !ReferenceEquals(entry.Held, refused)
                || (entry.AskedAt < since && !(entry.IsReplacement && time.GetElapsedTime(entry.AskedAt) < BetweenReplacements));
        }
    }

    private async Task Fetch(Entry entry, OAuthCredentials credentials, TlsIdentity? tls)
    {
        AccessToken answer;
        try
        {
            answer = AccessToken.Of(await ask(Request(credentials, tls), CancellationToken.None));
        }
        catch (Exception e)
        {
            Keep(credentials.Webhook, entry, null);
            entry.Answer.SetException(e);
            return;
        }

        Keep(credentials.Webhook, entry, answer.Failure is null ? answer : null);
        entry.Answer.SetResult(answer);
    }

    /// <param name="token">Null: there is none, so the next one asks again.</param>
    private void Keep(WebhookId webhook, Entry entry, AccessToken? token)
    {
        lock (_lock)
        {
            entry.Held = token;
            if (token is null && _entries.GetValueOrDefault(webhook) == entry)
            {
                _entries.Remove(webhook);
            }
        }
    }

    private static OutgoingRequest Request(OAuthCredentials credentials, TlsIdentity? tls)
    {
        var form = new StringBuilder("grant_type=client_credentials");
        Append(form, "scope", credentials.Scope);
        Append(form, "audience", credentials.Audience);
        Header[] headers =
        [
            new("User-Agent", RequestHeaders.UserAgent),
            new("Accept", "application/json"),
            // Escaped before they are joined (RFC 6749, 2.3.1), so that a colon in either does no harm.
            new("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Escape(credentials.ClientId)}:{Escape(credentials.ClientSecret)}"))),
            new("Content-Type", "application/x-www-form-urlencoded"),
        ];
        return new OutgoingRequest(credentials.TokenUrl, "POST", headers, Encoding.UTF8.GetBytes(form.ToString()), Deadline)
        {
            Options = tls is null ? null : new SendOptions(Tls: tls),
        };
    }

    private static void Append(StringBuilder form, string name, string? value)
    {
        if (value is not null)
        {
            form.Append('&').Append(name).Append('=').Append(Escape(value));
        }
    }

    private static string Escape(string value) => Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal);

    /// <summary>What is held changes under the lock.</summary>
    private sealed class Entry(int version, bool isReplacement, long askedAt)
    {
        public int Version => version;
        public bool IsReplacement => isReplacement;
        public long AskedAt => askedAt;
        public TaskCompletionSource<AccessToken> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null while it is being fetched.</summary>
        public AccessToken? Held { get; set; }

        public bool IsOfUse(AccessToken? refused, TimeProvider time) =>
            Held is null || (!ReferenceEquals(Held, refused) && time.GetElapsedTime(askedAt) < Kept(Held.Lifetime));

        private static TimeSpan Kept(TimeSpan lifetime) => lifetime - (lifetime / 4 < LongestMargin ? lifetime / 4 : LongestMargin);
    }
}
