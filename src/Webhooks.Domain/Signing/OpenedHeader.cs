namespace Webhooks.Domain.Signing;

/// <summary>A customer's header with its value in the clear, as <see cref="SecretSealer"/> opened it.</summary>
/// <param name="Signed">Whether a scheme that can sign headers (Streem) includes it.</param>
public readonly record struct OpenedHeader(string Name, string Value, bool Signed)
{
    /// <summary>Values are often credentials: they get into no log by way of a formatted record.</summary>
    public override string ToString() => $"{Name}: [hidden]";
}
