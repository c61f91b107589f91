using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using JsonValue = Webhooks.Api.Http.JsonValue;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// POST /check_sqs and /check_sns: one message to a queue or topic, to find out whether it takes it. What the client does not
/// give is taken from the oldest hook of that type, its secret included.
/// </summary>
internal static class CheckQueue
{
    /// <summary>Both of GetStream's clients give up after 3 seconds unless told otherwise, and would not learn what is wrong.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static readonly byte[] Message = """{"type":"hook.check"}"""u8.ToArray();

    public static async Task<IResult> Sqs(HttpContext http, Hooks hooks, DeliveryNode node, EgressOptions egress, SecretSealer sealer)
    {
        var body = await JsonBody.Read(http);
        var url = EventHook.Text(body, "sqs_url");
        var given = new AwsHook("sqs", url, AwsHook.RegionOf(url), "keys", EventHook.Text(body, "sqs_key"), EventHook.Text(body, "sqs_secret"), null, GroupsByType: false);
        body.Done();
        return await Check(http, HookType.Sqs, given, hooks, node, egress, sealer);
    }

    public static async Task<IResult> Sns(HttpContext http, Hooks hooks, DeliveryNode node, EgressOptions egress, SecretSealer sealer)
    {
        var body = await JsonBody.Read(http);
        var given = new AwsHook("sns", EventHook.Text(body, "sns_topic_arn"), null, "keys", EventHook.Text(body, "sns_key"), EventHook.Text(body, "sns_secret"), null, GroupsByType: false);
        body.Done();
        return await Check(http, HookType.Sns, given, hooks, node, egress, sealer);
    }

    /// <summary>200 also where it failed: that is what was asked.</summary>
    private static async Task<IResult> Check(HttpContext http, HookType type, AwsHook given, Hooks hooks, DeliveryNode node, EgressOptions egress, SecretSealer sealer)
    {
        var company = http.Caller().Company;
        var hook = (await hooks.Of(company, http.RequestAborted)).FirstOrDefault(h => HookTypes.Of(h.State.Configuration!) == type);
        var id = hook?.Id ?? new WebhookId(Guid.CreateVersion7());
        Destination destination;
        try
        {
            destination = Read(id, given, hook?.State.Configuration!.Destination as AwsDestination, new DestinationReader(egress, sealer));
        }
        catch (ProblemException e) when (!e.Problem.Errors.IsEmpty)
        {
            var place = new HookPlace("", type);
            return Answer(http, string.Join(" ", e.Problem.Errors.Select(place.Named).Select(f => $"{f.Field}: {f.Detail}")), statusCode: null);
        }

        var result = await node.Destinations.Check(QueueTarget.Open(destination, id, company, sealer), Message, Timeout, http.RequestAborted);
        return Answer(http, result.Failure is null ? null : result.Detail ?? "The message was not taken.", result.StatusCode);
    }

    /// <exception cref="ProblemException">422 with every broken rule.</exception>
    private static Destination Read(WebhookId id, AwsHook given, AwsDestination? present, DestinationReader reader)
    {
        var destination = (present is null ? given : Completed(given, present)).ToDestination();
        destination["endpoint_url"] = present?.EndpointUrl;
        var fields = Fields.Of(JsonValue.Parse(Encoding.UTF8.GetBytes(new JsonObject { [DestinationRules.Field] = destination }.ToJsonString())));
        var read = reader.Read(id, fields, present);
        fields.Done();
        return read ?? throw new InvalidOperationException("A destination without faults was not read.");
    }

    private static AwsHook Completed(AwsHook given, AwsDestination present)
    {
        var (keys, role) = (present.Access as AwsKeys, present.Access as AwsWebIdentity);
        return given with
        {
            Address = given.Address ?? present.Url,
            Region = given.Address is null ? present.Region : given.Region,
            AuthType = role is not null && given is { Key: null, Secret: null } ? "role" : "keys",
            RoleArn = role?.RoleArn,
            Key = given.Key ?? keys?.AccessKeyId,
            Secret = given.Secret ?? (keys is null ? null : HeaderAnswer.Redacted),
        };
    }

    private static IResult Answer(HttpContext http, string? error, int? statusCode) => Results.Json(
        new { status = error is null ? "ok" : "error", error, data = statusCode is { } status ? new { status_code = status } : null, duration = RequestDuration.Of(http) }, Wire.Json);
}
