using System.Collections.Frozen;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Payloads;
using Webhooks.EventStore;
using Webhooks.Projections.Catalogue;

namespace Webhooks.Api.Catalogue;

/// <summary>
/// What emitted events are judged by, in memory: events are never held up by a look into the database. Of what changed through
/// this node it knows when the change is answered, of what changed through another within <see cref="Look"/>.
/// </summary>
public sealed class EnforcedCatalogue(EnforcementQueries queries, TimeProvider time, ILogger<EnforcedCatalogue> log) : BackgroundService
{
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _loading = new(1);
    private Picture _picture = Picture.Of(new Enforcement(-1, [], FrozenDictionary<CompanyId, CatalogueEnforcement>.Empty), null, (_, _, _) => null);

    /// <summary>422, naming each broken rule and its place in the payload; null where the event may be emitted. Where nothing is enforced this is one look at a field.</summary>
    /// <param name="payload">One JSON text; empty: only the type is judged.</param>
    /// <param name="allowance">Of the events that come together; 503 where it is used up.</param>
    public Problem? Judge(CompanyId company, string type, ReadOnlyMemory<byte> payload, JudgingAllowance? allowance = null) =>
        Volatile.Read(ref _picture) is { IsOpen: false } picture ? picture.Judge(company, type, payload, allowance) : null;

    /// <summary>Before requests are served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>After a change that is saved: that it can't be taken over at once is no fault of whoever made it.</summary>
    public async Task Follow(CancellationToken ct)
    {
        try
        {
            await Refresh(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // What was in force a moment ago is better than nothing.
            log.LogWarning(DatabaseFailures.Trace(e), "Changes of the event catalogue could not be followed ({Reason}); trying again", e.Message);
        }
    }

    /// <summary>Looks whether something has changed, and takes it over.</summary>
    private async Task Refresh(CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            if (await queries.Version(ct) != _picture.Version)
            {
                Volatile.Write(ref _picture, Picture.Of(await queries.Load(ct), _picture, Ready));
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Null where this version can't take what is stored: another one wrote it, or bounds have become tighter since.</summary>
    private PayloadSchema? Ready(CompanyId company, string name, JsonText schema)
    {
        var ready = PayloadSchema.Parse(schema, "schema", out var refusal);
        if (refusal is not null)
        {
            log.LogWarning("The schema of event type {Type} of {Company} is not enforced until it is changed; {Field}: {Reason}", name, company, refusal.Field, refusal.Detail);
        }

        return ready;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Follow(stoppingToken);
        }
    }

    public override void Dispose()
    {
        _loading.Dispose();
        base.Dispose();
    }

    /// <summary>What is enforced as of one version. Immutable; a change makes a new one.</summary>
    private sealed class Picture
    {
        private readonly FrozenDictionary<(CompanyId, string), EnforcedType> _types;
        private readonly FrozenDictionary<CompanyId, CatalogueEnforcement> _companies;

        private Picture(long version, FrozenDictionary<(CompanyId, string), EnforcedType> types, FrozenDictionary<CompanyId, CatalogueEnforcement> companies) =>
            (Version, _types, _companies) = (version, types, companies);

        public long Version { get; }
        public bool IsOpen => _types.Count == 0 && _companies.Count == 0;

        /// <param name="before">Schemas that stayed as they were are not read again.</param>
        public static Picture Of(Enforcement e, Picture? before, EnforcedType.MakeReady ready) => new(
            e.Version,
            e.Types.ToFrozenDictionary(
                t => (t.Company, t.Name!),
                t => before?._types.GetValueOrDefault((t.Company, t.Name!)) is { } type && type.IsOf(t.Definition!) ? type : new EnforcedType(t.Company, t.Name!, t.Definition!, ready)),
            e.Companies.ToFrozenDictionary());

        public Problem? Judge(CompanyId company, string type, ReadOnlyMemory<byte> payload, JudgingAllowance? allowance)
        {
            var enforces = _companies.TryGetValue(company, out var enforcement);
            if (!_types.TryGetValue((company, type), out var known) && !_types.TryGetValue((CompanyId.Installation, type), out known))
            {
                return enforces
                    ? Problems.OfBody([new FieldError("type", "event_type.undefined", "The event catalogue has no such type, and only its types are accepted here.")])
                    : null;
            }

            return known.Enforced || (enforces && enforcement == CatalogueEnforcement.Schemas) ? known.Judge(payload, allowance) : null;
        }
    }
}
