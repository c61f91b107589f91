namespace Webhooks.Delivery.Sending;

/// <summary>How far dialling has come, for a request whose deadline passes meanwhile: dialling itself goes on behind it.</summary>
internal sealed class DialProgress
{
    public static readonly HttpRequestOptionsKey<DialProgress> Of = new("dial");

    private volatile bool _atProxy;

    /// <summary>The way through the proxy is being opened.</summary>
    public bool AtProxy { get => _atProxy; set => _atProxy = value; }
}
