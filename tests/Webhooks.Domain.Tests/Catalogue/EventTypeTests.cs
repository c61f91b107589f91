using System.Text;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Catalogue;

public class EventTypeTests
{
    private static readonly EventTypeDefinition Paid = PaidOrder;

    private static JsonText Json(string json) => JsonText.Of(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void A_type_is_defined_changed_and_deprecated_and_its_definitions_are_numbered()
    {
        var changed = Paid with { Description = "Paid in full." };
        var given = GivenEventType().After(DefinePaid, new ChangeEventType(changed), new DeprecateEventType("Gone in 2027.", "order.settled"));
        Assert.Equal(new EventType(EventTypeStatus.Deprecated, Id<CompanyId>(1), "order.paid", changed, 2, new EventTypeDeprecated("Gone in 2027.", "order.settled")), given.State);
        Assert.Equal((EventTypeStatus.Active, null), given.After(new ReinstateEventType()).State is var s ? (s.Status, s.Deprecation) : default);
    }

    [Fact]
    public void What_is_so_already_adds_nothing()
    {
        var given = GivenEventType().After(DefinePaid);
        given.When(DefinePaid).ThenNothing();
        given.When(new ChangeEventType(Paid)).ThenNothing();
        given.When(new ReinstateEventType()).ThenNothing();
        given.When(DefinePaid with { Definition = Paid with { Enforced = false } }).ThenRefused("event_type.exists");
    }

    [Fact]
    public void A_deleted_type_is_gone_until_it_is_defined_anew_and_its_numbers_go_on()
    {
        var deleted = GivenEventType().After(DefinePaid, new DeprecateEventType(null, null), new DeleteEventType());
        deleted.When(new DeleteEventType()).ThenNothing();
        deleted.When(new ChangeEventType(Paid)).ThenRefused("event_type.not_found", RefusalKind.NotFound);
        deleted.When(new DeprecateEventType(null, null)).ThenRefused("event_type.not_found", RefusalKind.NotFound);
        Assert.Equal((EventTypeStatus.Active, 2, null), deleted.After(DefinePaid).State is var s ? (s.Status, s.Version, s.Deprecation) : default);
        GivenEventType().When(new DeleteEventType()).ThenRefused("event_type.not_found", RefusalKind.NotFound);
    }

    [Theory]
    [InlineData("webhook.made", "event_type.reserved")]
    [InlineData("two words", "event_type.form")]
    [InlineData("ety_01h455vb4pex5vsknk084sn02q", "event_type.form")]
    public void A_name_is_one_that_can_be_emitted_and_is_no_sid(string name, string code) => GivenEventType().When(DefinePaid with { Name = name }).ThenInvalid("name", code);

    [Fact]
    public void A_definition_holds_together()
    {
        var given = GivenEventType();
        given.When(DefinePaid with { Definition = Paid with { Schema = null } }).ThenInvalid("enforced", "event_type.enforced");
        given.When(DefinePaid with { Definition = Paid with { Schema = Json("""{"properties":{"a":{"typ":1}}}""") } }).ThenInvalid("schema.properties.a.typ", "schema.keyword");
        given.When(DefinePaid with { Definition = Paid with { Example = Json("""{"order":"x"}""") } }).ThenInvalid("example.order", "event_type.example");
        given.When(DefinePaid with { Definition = Paid with { Example = Json($"\"{new string('x', EventType.MaxExampleBytes)}\"") } }).ThenInvalid("example", "event_type.example");
        given.When(DefinePaid with { Definition = Paid with { Description = new string('x', EventType.MaxDescriptionLength + 1) } }).ThenInvalid("description", "event_type.description");
    }

    [Fact]
    public void A_deprecation_names_another_type()
    {
        var given = GivenEventType().After(DefinePaid);
        given.When(new DeprecateEventType(null, "order.paid")).ThenInvalid("replaced_by", "event_type.replaced_by");
        given.When(new DeprecateEventType(null, "a b")).ThenInvalid("replaced_by", "event_type.form");
        given.When(new DeprecateEventType("", null)).ThenInvalid("note", "event_type.note");
    }

    [Fact]
    public void An_id_is_made_of_company_and_name()
    {
        var id = EventTypeId.Of(Id<CompanyId>(1), "a");
        Assert.Equal(id, EventTypeId.Of(Id<CompanyId>(1), "a"));
        Assert.Distinct([id, EventTypeId.Of(Id<CompanyId>(1), "b"), EventTypeId.Of(Id<CompanyId>(2), "a"), EventTypeId.Of(CompanyId.Installation, "a")]);
        Assert.Equal((8, id), (id.Value.Version, Sid.Parse<EventTypeId>(id.ToString())));
    }

    [Fact]
    public void A_type_as_the_read_side_keeps_it_comes_back_the_same()
    {
        var type = GivenEventType().After(DefinePaid, new DeprecateEventType("x", null)).State;
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(type, FactJson.Instance.EventType);
        Assert.Equal(type, System.Text.Json.JsonSerializer.Deserialize(json, FactJson.Instance.EventType));
    }
}
