using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Endpoints;
using JsonValue = Webhooks.Api.Http.JsonValue;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>The hooks of a company's app: its webhooks of the profile getstream. Changes of several are made together or not at all.</summary>
public sealed class Hooks(WebhookQueries webhooks, WebhookReader reader, PostgresEventStore store, SecretSealer sealer, DatabaseClock clock, TimeProvider time)
{
    private const string KeyLabel = "API secret";

    /// <summary>The API key's secret signs tokens, too: a format whose text is the customer's to choose would forge them.</summary>
    private static readonly EquatableArray<SignatureScheme> Alone = new[] { SignatureScheme.GetStream };
    private const int PageSize = 1000;

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<WebhookView>> Of(CompanyId company, CancellationToken ct) =>
        All(after => webhooks.List(company, WebhookSort.CreatedAt, descending: false, after, PageSize, ct));

    private static async Task<IReadOnlyList<WebhookView>> All(Func<WebhookCursor?, Task<Projections.Page<WebhookView, WebhookCursor>>> read)
    {
        var hooks = new List<WebhookView>();
        WebhookCursor? after = null;
        do
        {
            var page = await read(after);
            hooks.AddRange(page.Items.Where(w => w.State.Configuration is { Profile: WebhookProfile.GetStream } c && HookTypes.Of(c) is not null));
            after = page.Next;
        }
        while (after is not null);

        return hooks;
    }

    /// <summary>What a request asks for follows from the hooks that are there, so a company's requests go one after the other.</summary>
    /// <param name="read">Of the hooks that are there.</param>
    /// <returns>False: /v1/webhooks was faster at one of them, and nothing was changed.</returns>
    /// <exception cref="ProblemException">422 with every broken rule, by the request's own names.</exception>
    internal async Task<bool> Change(HttpContext http, SharedSecretKey key, Func<IReadOnlyList<WebhookView>, HookRequest> read)
    {
        var (id, ct) = (key.Caller.Company, http.RequestAborted);
        await using var session = await store.OpenSession(ct);
        await session.Lock($"hooks:{id}", ct);
        var present = await All(after => WebhookQueries.List(session, id, WebhookSort.CreatedAt, after, PageSize, ct));
        var (changes, compress) = read(present);
        var company = await session.FetchForWriting<Company, CompanyFact>(id.Value, Company.Unknown, Company.Evolve, ct);
        var meta = new FactMeta(id, key.Caller.Key, http.Call().Correlation);
        var settings = compress is null ? Decision.AlreadySo : Company.Decide(company.State, new ChangeCompanySettings(company.State.Settings with { CompressHooks = compress }));
        if (settings.Facts.Count > 0)
        {
            session.Append(id.Value, company.Version, settings.Facts, meta);
        }

        var (errors, count) = (new List<FieldError>(), settings.Facts.Count);
        var (now, made) = (time.GetUtcNow(), 0);
        foreach (var change in HookChange.Compressed(changes, present, compress, company.State.Settings.CompressHooks ?? false))
        {
            // Those that are made together keep their order: lists go by time, then by id, and ids begin with a time.
            var hook = change.Present?.Id ?? await NewId(session, change.WantedId, now.AddMilliseconds(made++), ct);
            var fetched = await session.FetchForWriting<Webhook, WebhookFact>(hook.Value, Webhook.Unknown, Webhook.Evolve, ct);
            if (change is { Present: not null, Patch: not null } && fetched.State.Status == WebhookStatus.Deleted)
            {
                return false;
            }

            try
            {
                var facts = Decide(hook, fetched.State, change, key);
                session.Append(hook.Value, fetched.Version, facts, meta);
                count += facts.Count;
            }
            catch (ProblemException e) when (!e.Problem.Errors.IsEmpty)
            {
                errors.AddRange(e.Problem.Errors.Select(change.Place.Named));
            }
        }

        if (errors.Count > 0)
        {
            throw new ProblemException(Problems.OfBody(errors));
        }

        return count == 0 || (http.Call().HasSaved = await session.SaveChanges(ct) is SaveResult.Saved);
    }

    /// <summary>
    /// The client's own choice, where nothing has that id yet: another company's webhook is not told from a new one. Only of
    /// the kinds that are made by chance: others are made of names here, and would be taken away from what they belong to.
    /// </summary>
    private static async Task<WebhookId> NewId(EventSession session, Guid? wanted, DateTimeOffset now, CancellationToken ct) =>
        wanted is { Version: 4 or 7 } id && (await session.FetchForWriting<bool, Fact>(id, false, static (_, _) => true, ct)).Version == 0
            ? new WebhookId(id)
            : new WebhookId(Guid.CreateVersion7(now));

    /// <summary>Each step is decided on what the one before left.</summary>
    private List<Fact> Decide(WebhookId id, Webhook state, HookChange change, SharedSecretKey key)
    {
        var facts = new List<Fact>();
        if (change.Patch is null)
        {
            Take(Webhook.Decide(state, new Domain.Endpoints.DeleteWebhook()));
            return facts;
        }

        Take(Configure(id, state, change.Patch, key));
        Take(SignWith(id, state, key));
        Take(change.Enabled switch
        {
            null => Decision.AlreadySo,
            true => Webhook.Decide(state, new Domain.Endpoints.EnableWebhook()),
            false => Webhook.Decide(state, new Domain.Endpoints.DisableWebhook(DisabledReason.Off) { Now = clock.Now }),
        });
        return facts;

        void Take(Decision decision)
        {
            if (decision.Refusal is { } refusal)
            {
                throw new ProblemException(Problems.Of(refusal));
            }

            facts.AddRange(decision.Facts);
            state = decision.Facts.Aggregate(state, (s, f) => Webhook.Evolve(s, (WebhookFact)f));
        }
    }

    private Decision Configure(WebhookId id, Webhook state, JsonObject patch, SharedSecretKey key)
    {
        patch["api_key"] = key.Caller.Key.ToString();
        if (state.Configuration is not null)
        {
            return reader.Replace(id, state, MergePatch.Apply(PatchWebhook.Present(id, state, reader), Json(patch)));
        }

        patch["profile"] = "getstream";
        var body = Fields.Of(Json(patch));
        var configuration = reader.Read(id, body, present: null);
        body.Done();
        return Webhook.Decide(state, new Domain.Endpoints.CreateWebhook(key.Caller.Company, configuration, new SigningKeyId(Guid.CreateVersion7()), KeyLabel, Sealed(id, key)) { Schemes = Alone });
    }

    /// <summary>GetStream's signature knows no overlap, so whoever configures a hook with another key says when the cut-over is: now.</summary>
    private Decision SignWith(WebhookId id, Webhook state, SharedSecretKey key)
    {
        var (secret, now) = (Sealed(id, key), time.GetUtcNow());
        return state.Keys.Any(k => k.Secret == secret && k.SignsAt(now))
            ? Decision.AlreadySo
            : Webhook.Decide(state, new Domain.Endpoints.RotateSigningKey(new SigningKeyId(Guid.CreateVersion7()), KeyLabel, secret, TimeSpan.Zero, now) { Schemes = Alone });
    }

    private SealedSecret Sealed(WebhookId id, SharedSecretKey key) => sealer.Seal(key.Secret, id.ToString());

    private static JsonValue Json(JsonObject json) => JsonValue.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
