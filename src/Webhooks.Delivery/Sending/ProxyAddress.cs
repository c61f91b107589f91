using System.Text;

namespace Webhooks.Delivery.Sending;

/// <summary>Where the operator's proxy listens, and what it is told to let us through.</summary>
internal sealed record ProxyAddress(string Host, int Port, string? Authorization)
{
    /// <returns>Null when the text is not <c>http://[user:password@]host:port</c>. Escapes in user and password are undone.</returns>
    public static ProxyAddress? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri is not { Scheme: "http", AbsolutePath: "/", Query: "", Fragment: "", Host.Length: > 0 })
        {
            return null;
        }

        var user = Uri.UnescapeDataString(uri.UserInfo);
        return new ProxyAddress(uri.IdnHost, uri.Port, user.Length == 0 ? null : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(user))}");
    }

    /// <summary>Leaves the password out of logs.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
