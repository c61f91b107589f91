using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>A company as GetStream's clients see an app: its hooks, and the fields from before there were several.</summary>
/// <param name="UseHookV2">Always: several hooks are to be had.</param>
internal sealed record AppAnswer(string Name, IReadOnlyList<HookAnswer> EventHooks, IReadOnlyList<string> WebhookEvents, bool EnableHookPayloadCompression, bool UseHookV2)
{
    public string WebhookUrl { get; private init; } = "";
    public string SqsUrl { get; private init; } = "";
    public string SqsKey { get; private init; } = "";
    public string SnsTopicArn { get; private init; } = "";
    public string SnsKey { get; private init; } = "";

    /// <param name="hooks">Oldest first.</param>
    public static AppAnswer Of(string name, bool compressed, IReadOnlyList<WebhookView> hooks)
    {
        var answers = hooks.Select(HookAnswer.Of).ToList();
        var (sqs, sns) = (answers.Find(h => h.HookType == HookType.Sqs), answers.Find(h => h.HookType == HookType.Sns));
        return new(
            name,
            answers,
            answers.Count > 0 ? answers[0].EventTypes : [],
            compressed,
            UseHookV2: true)
        {
            WebhookUrl = answers.Find(h => h.HookType == HookType.Webhook)?.WebhookUrl ?? "",
            SqsUrl = sqs?.SqsQueueUrl ?? "",
            SqsKey = sqs?.SqsKey ?? "",
            SnsTopicArn = sns?.SnsTopicArn ?? "",
            SnsKey = sns?.SnsKey ?? "",
        };
    }
}

/// <summary>A hook on the wire. Secrets are never shown; a hook sent back without one keeps it.</summary>
/// <param name="Id">The UUID in the webhook's sid.</param>
internal sealed record HookAnswer(Guid Id, HookType HookType, bool Enabled, string Product, IReadOnlyList<string> EventTypes, int TimeoutMs, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public string? WebhookUrl { get; private init; }
    public string? SqsQueueUrl { get; private init; }
    public string? SqsRegion { get; private init; }
    public string? SqsAuthType { get; private init; }
    public string? SqsKey { get; private init; }
    public string? SqsRoleArn { get; private init; }
    public string? SnsTopicArn { get; private init; }
    public string? SnsRegion { get; private init; }
    public string? SnsAuthType { get; private init; }
    public string? SnsKey { get; private init; }
    public string? SnsRoleArn { get; private init; }
    public bool? SnsEventBasedMessageGroupIdEnabled { get; private init; }

    public static HookAnswer Of(WebhookView view)
    {
        var configuration = view.State.Configuration ?? throw new ArgumentException("Only a registered webhook can be shown.", nameof(view));
        var type = HookTypes.Of(configuration) ?? throw new ArgumentException("Only a hook can be shown as one.", nameof(view));
        var answer = new HookAnswer(
            view.Id.Value,
            type,
            view.State.Status == WebhookStatus.Active,
            configuration.Channels.Count == 1 ? configuration.Channels[0] : EventHook.AllProducts,
            configuration.EventTypes,
            configuration.TimeoutMs,
            view.CreatedAt,
            view.UpdatedAt);
        return configuration.Destination switch
        {
            SqsDestination sqs => answer with { SqsQueueUrl = sqs.QueueUrl, SqsRegion = sqs.Region, SqsAuthType = AuthType(sqs.Access), SqsKey = KeyOf(sqs.Access), SqsRoleArn = RoleOf(sqs.Access) },
            SnsDestination sns => answer with
            {
                SnsTopicArn = sns.TopicArn,
                SnsRegion = sns.Region,
                SnsAuthType = AuthType(sns.Access),
                SnsKey = KeyOf(sns.Access),
                SnsRoleArn = RoleOf(sns.Access),
                SnsEventBasedMessageGroupIdEnabled = sns.MessageGroup == MessageGroup.EventType,
            },
            _ => answer with { WebhookUrl = configuration.Url },
        };
    }

    private static string AuthType(AwsAccess access) => access is AwsKeys ? "keys" : "role";
    private static string? KeyOf(AwsAccess access) => (access as AwsKeys)?.AccessKeyId;
    private static string? RoleOf(AwsAccess access) => (access as AwsWebIdentity)?.RoleArn;
}
