using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Projections.Endpoints;

/// <param name="ValidUntil">Null until the key is rotated out.</param>
/// <param name="RetiredAt">Null unless it was removed by hand; it signs nothing since.</param>
/// <param name="Secret">Sealed. Lists leave it out.</param>
public sealed record SigningKeyView(SigningKeyId Id, WebhookId Webhook, string Label, SealedSecret Secret, DateTimeOffset CreatedAt, DateTimeOffset? ValidUntil, DateTimeOffset? RetiredAt)
{
    public SigningKeyKind Kind { get; init; }
    public EquatableArray<SignatureScheme> Schemes { get; init; }
}

/// <summary>The keys that a webhook has or had, from its stream: tens at most, so they are sorted and paged by whoever lists them.</summary>
public sealed class SigningKeys(PostgresEventStore store)
{
    /// <returns>Newest first; empty where there is no such webhook.</returns>
    public async Task<IReadOnlyList<SigningKeyView>> Of(WebhookId webhook, CancellationToken ct) =>
        Fold(await store.ReadStream(webhook.Value, 1, int.MaxValue, ct));

    internal static IReadOnlyList<SigningKeyView> Fold(IReadOnlyList<StoredFact> facts)
    {
        var keys = new List<SigningKeyView>();
        var state = Webhook.Unknown;
        foreach (var stored in facts)
        {
            state = Webhook.Evolve(state, (WebhookFact)stored.Fact);
            if (stored.Fact is SigningKeyRetired retired)
            {
                var index = keys.FindIndex(k => k.Id == retired.Key);
                keys[index] = keys[index] with { RetiredAt = stored.RecordedAt };
            }

            foreach (var key in state.Keys.Reverse())
            {
                var index = keys.FindIndex(k => k.Id == key.Id && k.RetiredAt is null);
                if (index < 0)
                {
                    keys.Insert(0, new SigningKeyView(key.Id, new WebhookId(stored.StreamId), key.Label, key.Secret, stored.RecordedAt, key.ValidUntil, null) { Kind = key.Kind, Schemes = key.Schemes });
                }
                else
                {
                    keys[index] = keys[index] with { ValidUntil = key.ValidUntil };
                }
            }
        }

        return keys;
    }
}
