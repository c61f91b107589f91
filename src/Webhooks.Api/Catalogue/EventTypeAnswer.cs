using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;
using Webhooks.Projections.Catalogue;

namespace Webhooks.Api.Catalogue;

/// <summary>An event type on the wire.</summary>
/// <param name="CompanySid">Null: the installation's, which every company has.</param>
/// <param name="Version">Of the definition: 1 at first, one more with each change.</param>
public sealed record EventTypeAnswer(
    EventTypeId Sid,
    CompanyId? CompanySid,
    string Name,
    EventTypeStatus Status,
    int Version,
    string Description,
    JsonText? Schema,
    JsonText? Example,
    bool Enforced,
    DeprecationAnswer? Deprecation,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>What of it nobody sends: a PUT that sends it back changes nothing by it.</summary>
    internal static readonly string[] SetByTheService = ["sid", "status", "version", "deprecation", "created_at", "updated_at"];

    public const string Json = """
        {"sid":"ety_3v5tkq8m0g8gq9xj2r4c7e1b5d","company_sid":"com_01h455vb4pex5vsknk084sn02q","name":"order.paid","status":"deprecated","version":2,"description":"An order was paid in full.",
         "schema":{"type":"object","required":["order"],"properties":{"order":{"type":"integer"}}},"example":{"order":4711},"enforced":true,
         "deprecation":{"note":"Gone in 2027.","replaced_by":"order.settled"},"created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:05:00.000Z"}
        """;

    public static EventTypeAnswer Of(EventTypeView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var (state, definition) = (view.State, view.State.Definition!);
        return new(
            view.Id,
            state.Company == CompanyId.Installation ? null : state.Company,
            state.Name!,
            state.Status,
            state.Version,
            definition.Description,
            definition.Schema,
            definition.Example,
            definition.Enforced,
            state.Deprecation is { } d ? new DeprecationAnswer(d.Note, d.ReplacedBy) : null,
            view.CreatedAt,
            view.UpdatedAt);
    }
}

public sealed record DeprecationAnswer(string? Note, string? ReplacedBy);
