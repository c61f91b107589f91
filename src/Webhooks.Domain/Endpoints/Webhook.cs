using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

public abstract record WebhookCommand;
public sealed record CreateWebhook(CompanyId Company, WebhookConfiguration Configuration, SigningKeyId Key, string KeyLabel, SealedSecret Secret) : WebhookCommand
{
    public SigningKeyKind Kind { get; init; }

    /// <summary>Of the first key, as of <see cref="SigningKey.Schemes"/>.</summary>
    public EquatableArray<SignatureScheme> Schemes { get; init; }

    /// <summary>Keys beside the first, where its signatures ask for several kinds.</summary>
    public EquatableArray<SigningKeyAdded> FurtherKeys { get; init; }
}

public sealed record UpdateWebhook(WebhookConfiguration Configuration) : WebhookCommand;
public sealed record EnableWebhook : WebhookCommand;
public sealed record DisableWebhook(DisabledReason Reason) : WebhookCommand
{
    /// <summary>Whose answer it was that disables it: a webhook that goes elsewhere by now stays as it is. Null: whatever its URL.</summary>
    public string? OfUrl { get; init; }

    /// <summary>The database's time; null: not told.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>What a node concluded from outcomes. It holds only while the health is still what it was judged from, so of several nodes one has its way.</summary>
/// <param name="Change">As <see cref="WebhookHealthTally"/> decided it.</param>
public sealed record ChangeHealth(WebhookHealth From, WebhookFact Change) : WebhookCommand;
public sealed record DeleteWebhook : WebhookCommand;
public sealed record AddSigningKey(SigningKeyId Key, string Label, SealedSecret Secret, DateTimeOffset Now) : WebhookCommand
{
    public SigningKeyKind Kind { get; init; }

    /// <summary>As of <see cref="SigningKey.Schemes"/>.</summary>
    public EquatableArray<SignatureScheme> Schemes { get; init; }
}

public sealed record RotateSigningKey(SigningKeyId Key, string Label, SealedSecret Secret, TimeSpan Overlap, DateTimeOffset Now) : WebhookCommand
{
    public SigningKeyKind Kind { get; init; }

    /// <summary>As of <see cref="SigningKey.Schemes"/>. It ends the keys that sign with these alone; without any, all of its kind.</summary>
    public EquatableArray<SignatureScheme> Schemes { get; init; }
}

public sealed record RetireSigningKey(SigningKeyId Key, DateTimeOffset Now) : WebhookCommand;

/// <param name="ValidUntil">Null while the key is current; a time once it was rotated out.</param>
public sealed record SigningKey(SigningKeyId Id, string Label, SealedSecret Secret, DateTimeOffset? ValidUntil)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SigningKeyKind Kind { get; init; }

    /// <summary>What it signs with, where it was given for some schemes; those that carry one signature take such a key before others. None: every scheme that it fits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<SignatureScheme> Schemes { get; init; }

    /// <summary>Of a key rotated to for some schemes: when those that carry one signature take it, and not yet a key for all schemes. Null: at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset? TakesOverAt { get; init; }

    /// <summary>Whether schemes that carry one signature take it before keys that name no schemes.</summary>
    public bool ComesFirstAt(DateTimeOffset now) => Schemes.Count > 0 && (TakesOverAt is not { } at || now >= at);

    public bool IsFor(SignatureScheme scheme) => SigningSecret.KindFor(scheme) == Kind && (Schemes.Count == 0 || Schemes.Contains(scheme));

    public bool SignsAt(DateTimeOffset now) => ValidUntil is not { } until || now < until;
}

/// <summary>A customer's registration: where its events go and which keys sign them. Stream: the webhook's id.</summary>
/// <param name="Keys">Newest first, the order in which signatures are listed.</param>
public sealed record Webhook(WebhookStatus Status, CompanyId Company, WebhookConfiguration? Configuration, ImmutableArray<SigningKey> Keys, DisabledReason? DisabledReason)
{
    /// <summary>Every request carries one signature per signing key; receivers check each.</summary>
    public const int MaxSigningKeys = 10;
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    /// <summary>Null: healthy, and nothing else is known.</summary>
    public WebhookHealth? Health { get; init; }

    public static readonly Webhook Unknown = new(WebhookStatus.Unknown, default, null, [], null);

    public static Decision Decide(Webhook state, WebhookCommand command) => (command, state.Status) switch
    {
        (CreateWebhook c, WebhookStatus.Unknown) => DecideCreate(c),
        (CreateWebhook, WebhookStatus.Deleted) => Refusal.Conflict("webhook.exists", "A webhook of this id existed and was deleted."),
        (CreateWebhook c, _) when c.Company == state.Company && c.Configuration == state.Configuration => Decision.AlreadySo,
        (CreateWebhook, _) => Refusal.Conflict("webhook.exists", "A webhook of this id exists with another configuration."),
        (DeleteWebhook, WebhookStatus.Deleted) => Decision.AlreadySo,
        (_, WebhookStatus.Unknown or WebhookStatus.Deleted) => Refusal.NotFound("webhook"),
        (UpdateWebhook c, _) when c.Configuration == state.Configuration => Decision.AlreadySo,
        (UpdateWebhook c, _) when c.Configuration.SignedWith != state.Configuration?.SignedWith
            && RefuseUnsigned(c.Configuration, state.Keys.Where(k => k.ValidUntil is null)) is { } refusal => refusal,
        (UpdateWebhook c, _) => new WebhookUpdated(c.Configuration),
        (EnableWebhook, WebhookStatus.Active) => Decision.AlreadySo,
        (EnableWebhook, _) => new WebhookEnabled(),
        (DisableWebhook, WebhookStatus.Disabled) => Decision.AlreadySo,
        (DisableWebhook { OfUrl: { } url }, _) when url != state.Configuration?.Url => Decision.AlreadySo,
        (DisableWebhook c, _) => new WebhookDisabled(c.Reason, c.Now),
        (ChangeHealth c, WebhookStatus.Active) when (state.Health ?? WebhookHealth.Healthy) == c.From => c.Change,
        (ChangeHealth, _) => Decision.AlreadySo,
        (DeleteWebhook, _) => new WebhookDeleted(),
        (AddSigningKey c, _) => DecideAdd(state, c),
        (RotateSigningKey c, _) => DecideRotate(state, c),
        (RetireSigningKey c, _) => DecideRetire(state, c),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule for this command."),
    };

    private static Decision DecideCreate(CreateWebhook c) =>
        Decide([new SigningKeyAdded(c.Key, c.KeyLabel, c.Secret) { Kind = c.Kind, Schemes = c.Schemes }, .. c.FurtherKeys], c);

    private static Decision Decide(IReadOnlyList<SigningKeyAdded> keys, CreateWebhook c) =>
        RefuseUnsigned(c.Configuration, keys.Select(k => new SigningKey(k.Key, k.Label, k.Secret, null) { Kind = k.Kind, Schemes = k.Schemes })) is { } refusal
            ? refusal
            : Decision.Of([new WebhookCreated(c.Company, c.Configuration), .. keys]);

    private static Decision DecideAdd(Webhook state, AddSigningKey c)
    {
        if (state.Key(c.Key) is { } existing)
        {
            return SameKey(existing, c.Label, c.Secret);
        }

        return RefuseNewKey(state, c.Secret, c.Now, static _ => false) is { } refusal ? refusal : new SigningKeyAdded(c.Key, c.Label, c.Secret) { Kind = c.Kind, Schemes = c.Schemes };
    }

    private static Decision DecideRotate(Webhook state, RotateSigningKey c)
    {
        if (state.Key(c.Key) is { } existing)
        {
            return SameKey(existing, c.Label, c.Secret);
        }

        if (c.Overlap < TimeSpan.Zero || c.Overlap > MaxOverlap)
        {
            return Refusal.Invalid("overlap_seconds", "signing_key.overlap", $"Must be 0 to {MaxOverlap.TotalSeconds:0} seconds ({MaxOverlap.TotalDays:0} days).");
        }

        var rotated = new SigningKeyRotated(c.Key, c.Label, c.Secret, c.Now + c.Overlap) { Kind = c.Kind, Schemes = c.Schemes };
        return RefuseNewKey(state, c.Secret, c.Now, k => c.Overlap == TimeSpan.Zero && IsEndedBy(k, rotated)) is { } refusal ? refusal : rotated;
    }

    private static Decision DecideRetire(Webhook state, RetireSigningKey c)
    {
        if (state.Key(c.Key) is not { } key)
        {
            return Refusal.NotFound("signing_key");
        }

        // A key on its way out does not count: without another the webhook would soon sign with none. Nor does one that none of its signatures is made with.
        var others = state.Keys.Where(k => k.Id != c.Key).ToList();
        var signs = state.Configuration?.SignedWith.Select(s => s.Scheme).Where(key.IsFor) ?? [];
        return signs.All(s => others.Exists(k => k.IsFor(s) && (k.ValidUntil is null || (key.ValidUntil is not null && k.SignsAt(c.Now)))))
            ? new SigningKeyRetired(c.Key)
            : Refusal.Conflict("webhook.last_signing_key", "A webhook keeps at least one current signing key; add or rotate one first.");
    }

    private static Decision SameKey(SigningKey existing, string label, SealedSecret secret) =>
        existing.Label == label && existing.Secret == secret ? Decision.AlreadySo : Refusal.Conflict("signing_key.exists", "A signing key of this id exists with another secret or label.");

    /// <param name="ended">Which keys end with the new one.</param>
    private static Refusal? RefuseNewKey(Webhook state, SealedSecret secret, DateTimeOffset now, Func<SigningKey, bool> ended) => state switch
    {
        _ when state.Keys.Count(k => k.SignsAt(now) && !ended(k)) >= MaxSigningKeys => Refusal.Conflict("webhook.too_many_signing_keys", $"A webhook signs with at most {MaxSigningKeys} keys at a time; retire one first."),
        _ when state.Keys.Any(k => k.Secret == secret && k.SignsAt(now)) => Refusal.Conflict("signing_key.same_secret", "Another signing key of this webhook has this secret."),
        _ => null,
    };

    /// <param name="keys">The current ones.</param>
    private static Refusal? RefuseUnsigned(WebhookConfiguration configuration, IEnumerable<SigningKey> keys)
    {
        var missing = configuration.SignedWith.Select(s => s.Scheme).Where(s => !keys.Any(k => k.IsFor(s))).ToList();
        return missing.Count == 0 ? null : Refusal.Invalid("signature_scheme", "webhook.no_signing_key", SigningSecret.KindFor(missing[0]) == SigningKeyKind.Ed25519
            ? "The scheme standard_ed25519 signs with a key pair, and the webhook has none: add a signing key of kind ed25519 first."
            : "This scheme signs with a shared secret, and the webhook has none for it: add a signing key of kind shared_secret first.");
    }

    private SigningKey? Key(SigningKeyId id) => Keys.FirstOrDefault(k => k.Id == id);

    public static Webhook Evolve(Webhook state, WebhookFact fact) => fact switch
    {
        WebhookCreated f => state with { Status = WebhookStatus.Active, Company = f.Company, Configuration = f.Configuration },
        WebhookUpdated f => state with { Configuration = f.Configuration },
        WebhookEnabled => state with { Status = WebhookStatus.Active, DisabledReason = null, Health = WebhookHealth.After(state.Health, fact) },
        WebhookDisabled f => state with { Status = WebhookStatus.Disabled, DisabledReason = f.Reason, Health = WebhookHealth.After(state.Health, fact) },
        WebhookDegraded or WebhookPaused or WebhookRecovered => state with { Health = WebhookHealth.After(state.Health, fact) },
        WebhookDeleted => state with { Status = WebhookStatus.Deleted },
        SigningKeyAdded f => state with { Keys = [new SigningKey(f.Key, f.Label, f.Secret, null) { Kind = f.Kind, Schemes = f.Schemes }, .. Kept(state.Keys)] },
        SigningKeyRotated f => state with
        {
            Keys =
            [
                new SigningKey(f.Key, f.Label, f.Secret, null) { Kind = f.Kind, Schemes = f.Schemes, TakesOverAt = f.Schemes.Count > 0 ? f.PreviousValidUntil : null },
                .. Kept([.. state.Keys.Select(k => Ended(k, f))]),
            ],
        },
        SigningKeyRetired f => state with { Keys = state.Keys.RemoveAll(k => k.Id == f.Key) },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "No rule for this fact."),
    };

    private static SigningKey Ended(SigningKey key, SigningKeyRotated f) =>
        IsEndedBy(key, f) && key.SignsAt(f.PreviousValidUntil) ? key with { ValidUntil = f.PreviousValidUntil } : key;

    /// <summary>The new key takes over all that it did.</summary>
    private static bool IsEndedBy(SigningKey key, SigningKeyRotated f) =>
        key.Kind == f.Kind && (f.Schemes.Count == 0 || (key.Schemes.Count > 0 && key.Schemes.All(f.Schemes.Contains)));

    /// <summary>The keys to keep beside a new one. Where they are too many, the one that ends first has ended: no key is admitted while that many sign.</summary>
    private static ImmutableArray<SigningKey> Kept(ImmutableArray<SigningKey> keys) =>
        keys.Length < MaxSigningKeys ? keys : keys.Remove(keys.MinBy(k => k.ValidUntil ?? DateTimeOffset.MaxValue)!);
}
