using System.Text.Json;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Sending;

/// <summary>What asking a token endpoint came to: a token, or why there is none.</summary>
/// <param name="Value">Null beside a failure.</param>
/// <param name="Lifetime">From the moment it was asked for; bounded.</param>
internal sealed record AccessToken(string? Value, TimeSpan Lifetime, FailureClass? Failure, string? Detail)
{
    // RFC 6749 leaves it out where it is told otherwise; nobody tells us, so we ask again soon.
    private const double UntoldSeconds = 300;
    private const double LongestSeconds = 24 * 60 * 60;
    private const int MaxLength = 16 * 1024;

    private static readonly string[] KnownErrors = ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

    public static AccessToken Failed(FailureClass failure, string detail) => new(null, default, failure, detail);

    /// <param name="answer">As the token endpoint gave it.</param>
    public static AccessToken Of(SendResult answer) => answer switch
    {
        // Ours, and so not the token endpoint's fault.
        { Failure: FailureClass.Proxy or FailureClass.Internal } => Failed(answer.Failure.Value, answer.Detail!),
        { Failure: FailureClass.Status } => Failed(FailureClass.Auth, $"The token endpoint answered {answer.StatusCode}{ErrorOf(answer.ResponseBody)}."),
        { Failure: { } failure } => Failed(FailureClass.Auth, $"The token endpoint could not be asked ({JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString())})."),
        _ => Read(answer) ?? Failed(FailureClass.Auth, "The token endpoint answered without a bearer token."),
    };

    private static AccessToken? Read(SendResult answer)
    {
        if (answer.ResponseTruncated || Parse(answer.ResponseBody) is not { } json)
        {
            return null;
        }

        using (json)
        {
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && ForeignJson.Text(root, "access_token") is { Length: <= MaxLength } value && AuthRules.IsToken(value)
                && (ForeignJson.Text(root, "token_type") ?? "bearer").Equals("bearer", StringComparison.OrdinalIgnoreCase)
                    ? new AccessToken(value, LifetimeOf(root), null, null)
                    : null;
        }
    }

    private static TimeSpan LifetimeOf(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out var expires))
        {
            return TimeSpan.FromSeconds(UntoldSeconds);
        }

        // Some endpoints write the number as text.
        var told = expires.ValueKind == JsonValueKind.Number && expires.TryGetDouble(out var number) ? number
            : ForeignJson.Text(root, "expires_in") is { } written && double.TryParse(written, out var text) ? text
            : UntoldSeconds;
        return TimeSpan.FromSeconds(double.IsNaN(told) ? UntoldSeconds : Math.Clamp(told, 0, LongestSeconds));
    }

    /// <summary>Only words of the specification: whatever else it says may be anything.</summary>
    private static string ErrorOf(byte[] body)
    {
        using var json = Parse(body);
        return json?.RootElement is { ValueKind: JsonValueKind.Object } root && ForeignJson.Text(root, "error") is { } error && KnownErrors.Contains(error) ? $" ({error})" : "";
    }

    private static JsonDocument? Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Leaves the token out of logs.</summary>
    public override string ToString() => Failure is null ? "[token]" : Detail ?? "";
}
