using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Catalogue;

internal static class GivenEventTypes
{
    public const string PaidSchema = """{"type":"object","required":["order"],"properties":{"order":{"type":"integer"},"items":{"items":{"required":["sku"]}}}}""";

    /// <param name="rest">Further members, each after a comma.</param>
    public static async Task<JsonNode> Defined(this RunningService service, string name, string key, string rest = "") =>
        (await service.Post("/v1/event-types", $$"""{"name":"{{name}}"{{rest}} }""", key)).Expect(201)["event_type"]!;

    /// <summary>A type of the installation has a name of its own here, for all tests of a class share it.</summary>
    public static string NewName(string prefix = "t") => $"{prefix}.{Guid.NewGuid():N}";

    public static Task<Answer> Emitted(this Tenant tenant, string type, string payload, string rest = "") => tenant.Emit($$"""{"type":"{{type}}","payload":{{payload}}{{rest}} }""");

}
