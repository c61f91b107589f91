namespace Webhooks.Domain.Endpoints;

/// <summary>Which credentials can be sent at all.</summary>
public static class AuthRules
{
    public const string Field = "auth";
    public const int MaxUserLength = 256;
    public const int MaxSecretLength = 3000;
    public const int MaxParameterLength = 1024;

    /// <param name="opened">The secret in the clear. The refusal never quotes it.</param>
    /// <returns>The first rule broken; null when there is none. URLs are judged by <see cref="UrlRules"/>.</returns>
    public static Refusal? Refuse(WebhookAuth auth, string opened) => auth switch
    {
        BasicAuth { User: var user } when user.Contains(':') || user.Any(char.IsControl) =>
            Refusal.Invalid($"{Field}.user", "auth.user", "Must hold no colon, which ends it, and no control characters."),
        BasicAuth when opened.Any(char.IsControl) => Refusal.Invalid($"{Field}.password", "auth.password", "Must hold no control characters."),
        BearerAuth when !IsToken(opened) => Refusal.Invalid($"{Field}.token", "auth.token", "Must be visible ASCII characters without spaces."),
        _ => null,
    };

    /// <summary>Two headers of this name would be sent, or one of them silently not.</summary>
    public static Refusal? RefuseBeside(WebhookAuth? auth, IEnumerable<string> headerNames) =>
        auth is not null && headerNames.Any(name => name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            ? Refusal.Invalid(Field, "auth.authorization_header", "Sets the header Authorization, which stands among headers too: give one of the two.")
            : null;

    /// <summary>Whether it can stand in a header as a bearer token.</summary>
    public static bool IsToken(string token) => token.Length > 0 && token.All(c => c is > ' ' and <= '~');
}
