using System.Text.Json;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Endpoints;

public sealed class WebhookHistoryTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly SigningKeyId Second = new(Id(71));

    [Fact]
    public void An_update_is_told_as_the_fields_that_it_changed()
    {
        var entries = Tell(new WebhookUpdated(Configuration("orders", "https://new.test/") with { TimeoutMs = 900, EventTypes = new[] { "a" } }));

        Assert.Equal(
            ["url: \"https://example.test/hook\" → \"https://new.test/\"", "timeout_ms: 5000 → 900", "event_types: [] → [\"a\"]"],
            Changes(entries[^1]));
        Assert.Equal(("webhook.updated.v1", 3, Meta.Actor), (entries[^1].Fact, entries[^1].Version, entries[^1].Actor));
    }

    [Fact]
    public void A_changed_header_value_is_told_without_either_value()
    {
        CustomHeader[] before = [new("X-Shop", new SealedSecret("v1.secret-old"), false), new("X-Gone", new SealedSecret("v1.secret-gone"), true)];
        CustomHeader[] after = [new("X-Shop", new SealedSecret("v1.secret-new"), false)];
        var entries = Tell(new WebhookUpdated(Configuration(headers: before)), new WebhookUpdated(Configuration(headers: after)));

        Assert.Equal(["headers.X-Shop: {\"signed\":false} → {\"signed\":false,\"value_changed\":true}", "headers.X-Gone: {\"signed\":true} → "], Changes(entries[^1]));
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(entries));
    }

    [Fact]
    public void Keys_are_told_without_their_secrets()
    {
        var entries = Tell(new SigningKeyRotated(Second, "new", new SealedSecret("v1.sealed-second"), Start), new SigningKeyRetired(new SigningKeyId(Id(9))));

        Assert.Equal(
            [$"signing_keys.{Second}:  → {{\"label\":\"new\"}}", $"signing_keys.{new SigningKeyId(Id(9))}: {{\"label\":\"default\"}} → {{\"label\":\"default\",\"valid_until\":\"2026-01-01T00:00:00+00:00\"}}"],
            Changes(entries[^2]));
        Assert.Single(Changes(entries[^1]));
        Assert.DoesNotContain("sealed", JsonSerializer.Serialize(entries));
    }

    [Fact]
    public void Disabling_and_enabling_tell_the_status_and_its_reason()
    {
        var entries = Tell(new WebhookDisabled(DisabledReason.Gone), new WebhookEnabled());

        Assert.Equal(["status: \"active\" → \"disabled\"", "disabled_reason:  → \"gone\""], Changes(entries[^2]));
        Assert.Equal(["status: \"disabled\" → \"active\"", "disabled_reason: \"gone\" → "], Changes(entries[^1]));
    }

    [Fact]
    public async Task Pages_follow_the_versions_and_know_what_was_before_them()
    {
        var id = new WebhookId(Id(650));
        await database.Append(id.Value, 0, Meta, [.. Created(Configuration()), new WebhookUpdated(Configuration("b")), new WebhookUpdated(Configuration("c")), new WebhookDeleted()]);
        var history = new WebhookHistory(database.Store);

        var first = await history.Page(id, 0, 3, default);
        var second = await history.Page(id, first.Next!.Value, 3, default);

        Assert.Equal([1, 2, 3], first.Items.Select(e => e.Version));
        Assert.Equal([4, 5], second.Items.Select(e => e.Version));
        Assert.Null(second.Next);
        Assert.Equal(["label: \"b\" → \"c\""], Changes(second.Items[0]));
        Assert.Empty((await history.Page(new WebhookId(Id(651)), 0, 3, default)).Items);
    }

    [Fact]
    public async Task Keys_are_listed_with_their_whole_life()
    {
        var id = new WebhookId(Id(660));
        await database.Append(id.Value, 0, Meta, [.. Created(Configuration()), new SigningKeyRotated(Second, "new", new SealedSecret("t"), Start)]);
        await database.Append(id.Value, 3, Meta, new SigningKeyRetired(new SigningKeyId(Id(9))));

        var keys = await new SigningKeys(database.Store).Of(id, default);

        Assert.Equal(["new", "default"], keys.Select(k => k.Label));
        Assert.Equal([null, Start], keys.Select(k => k.ValidUntil));
        Assert.Null(keys[0].RetiredAt);
        Assert.True(keys[1].RetiredAt >= keys[1].CreatedAt);
    }

    private static List<HistoryEntry> Tell(params WebhookFact[] facts)
    {
        Fact[] all = [.. Created(Configuration()), .. facts];
        return [.. WebhookHistory.Entries(all.Select((fact, i) => Stored(Id(640), i + 1, fact, i)))];
    }

    private static List<string> Changes(HistoryEntry entry) =>
        [.. entry.Changes.Select(c => $"{c.Field}: {c.Old?.ToJsonString(Relaxed)} → {c.New?.ToJsonString(Relaxed)}")];

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
