using System.Text.Json.Nodes;
using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>What a hook says of its queue or topic.</summary>
/// <param name="Address">URL of the queue, ARN of the topic.</param>
/// <param name="Secret">Null: left out, so that a hook keeps the one it has.</param>
internal sealed record AwsHook(string Kind, string? Address, string? Region, string? AuthType, string? Key, string? Secret, string? RoleArn, bool? GroupsByType)
{
    /// <summary>What emulators take for granted, as Amazon's own tools do.</summary>
    private const string DefaultRegion = "us-east-1";

    private const string ByKeys = "keys";
    private const string ByRole = "role";
    private const string ByResource = "resource";

    public static AwsHook ReadSqs(Fields hook)
    {
        var read = new AwsHook(
            "sqs", EventHook.Text(hook, "sqs_queue_url"), EventHook.Text(hook, "sqs_region"), EventHook.Text(hook, "sqs_auth_type"),
            EventHook.Text(hook, "sqs_key"), EventHook.Text(hook, "sqs_secret"), EventHook.Text(hook, "sqs_role_arn"), GroupsByType: null);
        read.Judge(hook, "sqs_auth_type");
        return read;
    }

    /// <summary>One sample of the documents spells the topic's name otherwise; it is understood.</summary>
    public static AwsHook ReadSns(Fields hook)
    {
        var (topic, misspelt) = (EventHook.Text(hook, "sns_topic_arn"), EventHook.Text(hook, "sns_arn_topic"));
        var read = new AwsHook(
            "sns", topic ?? misspelt, EventHook.Text(hook, "sns_region"), EventHook.Text(hook, "sns_auth_type"),
            EventHook.Text(hook, "sns_key"), EventHook.Text(hook, "sns_secret"), EventHook.Text(hook, "sns_role_arn"),
            hook.OptionalBoolean("sns_event_based_message_group_id_enabled"));
        read.Judge(hook, "sns_auth_type");
        return read;
    }

    /// <summary>
    /// The destination in the words of /v1/webhooks: base64, as GetStream's clients unpack it, and the secret only where one
    /// is given. Without a region, the address tells it.
    /// </summary>
    public JsonObject ToDestination()
    {
        var destination = new JsonObject
        {
            ["kind"] = Kind,
            [Kind == "sqs" ? "queue_url" : "topic_arn"] = Address,
            ["region"] = Region,
            ["access"] = Access(),
            ["encoding"] = "base64",
        };
        if (Kind == "sns")
        {
            destination["message_group"] = GroupsByType == true ? "event_type" : null;
        }

        return destination;
    }

    /// <summary>The same as a merge patch of a hook that is of this kind already: what is left out stays.</summary>
    public JsonObject ToChange()
    {
        var destination = ToDestination();
        if (Address is null)
        {
            destination.Remove(Kind == "sqs" ? "queue_url" : "topic_arn");
        }

        if (Address is null && Region is null)
        {
            destination.Remove("region");
        }

        if ((AuthType, Key, Secret, RoleArn) == default)
        {
            destination.Remove("access");
        }
        else if (destination["access"] is JsonObject access)
        {
            // The two that Access leaves null where they are left out.
            foreach (var (name, value) in new[] { ("access_key_id", Key), ("role_arn", RoleArn) })
            {
                if (value is null)
                {
                    access.Remove(name);
                }
            }
        }

        if (GroupsByType is null)
        {
            destination.Remove("message_group");
        }

        return destination;
    }

    /// <summary>For fields from before there were regions: null where the queue's address tells it.</summary>
    public static string? RegionOf(string? queueUrl) =>
        Uri.TryCreate(queueUrl, UriKind.Absolute, out var url) && AwsNames.RegionOfQueue(url) is null ? DefaultRegion : null;

    private JsonObject Access()
    {
        if ((AuthType ?? (RoleArn is null ? ByKeys : ByRole)) == ByRole)
        {
            return new JsonObject { ["kind"] = "web_identity", ["role_arn"] = RoleArn };
        }

        var keys = new JsonObject { ["kind"] = "keys", ["access_key_id"] = Key };
        if (Secret is not null)
        {
            keys["secret_access_key"] = Secret;
        }

        return keys;
    }

    private void Judge(Fields hook, string field)
    {
        if (AuthType == ByResource)
        {
            hook.Refuse(field, "hook.auth_type", "A policy of the resource can't let this service in, for it has no account at Amazon's: take keys, or role.");
        }
        else if (AuthType is not (null or ByKeys or ByRole))
        {
            hook.Refuse(field, "hook.auth_type", "Must be keys or role.");
        }
    }
}
