using System.Security.Cryptography;
using System.Text;
using Webhooks.Domain;

namespace Webhooks.Api.Http;

/// <summary>
/// The user name of a key: its sid, or for the bootstrap key any name an operator chose. A name stands for the id that is
/// its digest, so that every node finds the same key without knowing the setting.
/// </summary>
public static class ApiKeyName
{
    private const int MinLength = 3;
    private const int MaxLength = 64;

    /// <summary>False when the text is neither a sid nor a name of 3 to 64 letters, digits, '-' and '_'.</summary>
    public static bool TryResolve(ReadOnlySpan<char> name, out ApiKeyId id)
    {
        id = default;
        if (name.Length is < MinLength or > MaxLength || name.ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        if (!Sid.TryParse(name.ToString(), out id))
        {
            id = new ApiKeyId(Digest(name));
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>A UUID of version 8: its content is the product's own.</summary>
    private static Guid Digest(ReadOnlySpan<char> name)
    {
        var bytes = SHA256.HashData(Encoding.ASCII.GetBytes($"webhooks api key\n{name}")).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
