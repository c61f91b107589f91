using Webhooks.Api.Http;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Messages;

/// <summary>The emitter's own name for an event, as the header <c>Idempotency-Key</c> or as the body's <c>id</c>.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public static readonly string Rule = $"Must be 1 to {Message.MaxIdempotencyKeyLength} visible ASCII characters.";

    public static bool IsValid(string key) =>
        key.Length is >= 1 and <= Message.MaxIdempotencyKeyLength && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Null when the request has none.</summary>
    /// <exception cref="ProblemException">400: not in the form of a key.</exception>
    public static string? Read(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
        {
            return null;
        }

        return values is [{ } key] && IsValid(key)
            ? key
            : throw Problems.Refuse(400, "header.idempotency_key", $"{Header}: {Rule}", new FieldError(Header, "header.idempotency_key", Rule));
    }

    /// <exception cref="ProblemException">422: two different keys for one event.</exception>
    public static string? Of(string? header, string? id) =>
        header is null || id is null || header == id
            ? header ?? id
            : throw Problems.Refuse(422, "idempotency_key.differs", $"The header {Header} and the id in the body differ; give one of them.", new FieldError("id", "idempotency_key.differs", $"Differs from the header {Header}."));
}
