namespace Webhooks.Demo.Showing;

/// <summary>One delivery as it stands.</summary>
/// <param name="Verified">Whether the receiver found all its signatures genuine; null before it got a request.</param>
internal sealed record DeliveryRow(string Event, Subscriber Webhook, string Status, IReadOnlyList<Try> Tries, bool? Verified)
{
    public bool IsOver => Status is "succeeded" or "exhausted" or "cancelled";

    public string VerifiedWord => Verified switch { null => "", true => "yes", false => "no" };
}

/// <summary>One attempt: its status code, or in its absence the kind of failure.</summary>
internal sealed record Try(bool Succeeded, string Result)
{
    public string Text => (Succeeded ? Symbols.Yes : Symbols.No) + Result;
}

/// <summary>Signs that every terminal has.</summary>
internal static class Symbols
{
    private static readonly bool IsUnicode = Console.OutputEncoding.CodePage is 65001 or 1200;

    public static string Yes => IsUnicode ? "✓" : "+";
    public static string No => IsUnicode ? "✗" : "x";
    public static string Point => IsUnicode ? "•" : "*";
}
