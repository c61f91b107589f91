using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Catalogue;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>Finds the event type that a path names, by its sid or by its name, and runs commands on it.</summary>
internal sealed class EventTypeTarget(EventTypeQueries types, CompanyQueries companies, CommandRunner commands, EnforcedCatalogue catalogue)
{
    public const string InPath = "By its sid, or by its name; a slash in a name is written %2F.";
    public const string CompanyParameter = "Whose type is meant by a name. Left out: the key's own company; with an admin key, the installation.";

    public static Target<EventType, EventTypeFact> Of(EventTypeId type) => new(type.Value, EventType.Unknown, EventType.Evolve);

    /// <summary>Whose catalogue is meant. A company's key means its company, an admin key the installation unless it names a company.</summary>
    /// <exception cref="ProblemException">404: there is no such company for the caller.</exception>
    public async Task<CompanyId> Owner(HttpContext http, CompanyId? given)
    {
        var caller = http.Caller();
        var owner = given ?? (caller.IsAdmin ? CompanyId.Installation : caller.Company);
        caller.RequireSight(owner, "company");
        if (caller.IsAdmin && owner != CompanyId.Installation)
        {
            _ = await companies.Find(owner, http.RequestAborted) ?? throw Problems.NotFound("company");
        }

        return owner;
    }

    private Task<CompanyId> Owner(HttpContext http, Query query)
    {
        var given = query.Sid<CompanyId>("company_sid");
        query.Done();
        return Owner(http, given);
    }

    /// <summary>To read: a company's own types, and the installation's.</summary>
    /// <param name="query">What the route asks for besides was read; whose name is meant is read here, and nothing else is known.</param>
    /// <exception cref="ProblemException">404, or 400 with every fault of the query.</exception>
    public async Task<EventTypeView> Find(HttpContext http, Query query, string sidOrName)
    {
        var owner = await Owner(http, query);
        var view = Sid.TryParse<EventTypeId>(sidOrName, out var id)
            ? await types.One(id, http.RequestAborted)
            : await types.ByName(owner, NameOf(sidOrName), http.RequestAborted);
        return view is { State.Status: not EventTypeStatus.Deleted } && (view.State.Company == CompanyId.Installation || http.Caller().Sees(view.State.Company))
            ? view
            : throw Problems.NotFound("event_type");
    }

    /// <summary>To change: what belongs to the caller, though it were deleted.</summary>
    /// <exception cref="ProblemException">404, or 400 with every fault of the query.</exception>
    public async Task<(EventTypeId Id, CompanyId Company)> FindOwn(HttpContext http, string sidOrName)
    {
        var owner = await Owner(http, new Query(http));
        if (!Sid.TryParse<EventTypeId>(sidOrName, out var id))
        {
            return (EventTypeId.Of(owner, NameOf(sidOrName)), owner);
        }

        var view = await types.One(id, http.RequestAborted) ?? throw Problems.NotFound("event_type");
        http.Caller().RequireSight(view.State.Company, "event_type");
        return (id, view.State.Company);
    }

    public async Task<(EventTypeView View, bool Changed)> Run(HttpContext http, (EventTypeId Id, CompanyId Company) type, Func<EventType, Decision> decide)
    {
        var outcome = await commands.Run(http, Of(type.Id), type.Company, decide);
        await catalogue.Follow(http.RequestAborted);
        return (new EventTypeView(type.Id, outcome.Version, outcome.State, outcome.CreatedAt, outcome.ChangedAt), outcome.Changed);
    }

    /// <summary>How many more types the catalogue takes. Two of a moment may both find room: the bound is there for memory, not for counting.</summary>
    public async Task<long> Room(HttpContext http, CompanyId owner) => EventType.MaxPerCompany - await types.Count(owner, http.RequestAborted);

    /// <exception cref="ProblemException">409: so many more types would be too many.</exception>
    public static void RequireRoom(long room, int more)
    {
        if (more > 0 && more > room)
        {
            throw Problems.Refuse(409, "company.too_many_event_types", $"A catalogue has at most {EventType.MaxPerCompany} types; delete some first.");
        }
    }

    /// <exception cref="ProblemException">409: too many types, or this one is defined in another way.</exception>
    public async Task<(EventTypeView View, bool Changed)> Define(HttpContext http, CompanyId owner, string name, EventTypeDefinition definition)
    {
        var id = EventTypeId.Of(owner, name);
        RequireRoom(await Room(http, owner), await types.One(id, http.RequestAborted) is null or { State.Status: EventTypeStatus.Deleted } ? 1 : 0);
        return await Run(http, (id, owner), state => EventType.Decide(state, new Domain.Catalogue.DefineEventType(owner, name, definition)));
    }

    public static IResult Show(HttpContext http, EventTypeView view) => Wire.Ok(http, view.Version, new { event_type = EventTypeAnswer.Of(view) });

    /// <summary>The server leaves an escaped slash as it is.</summary>
    private static string NameOf(string segment) => Uri.UnescapeDataString(segment) is { Length: <= EventTypes.MaxLength } name && EventTypes.IsValid(name) ? name : throw Problems.NotFound("event_type");
}
