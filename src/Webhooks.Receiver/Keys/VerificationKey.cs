using System.Security.Cryptography;
using System.Text;
using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver.Keys;

/// <summary>What a signature is checked with.</summary>
internal abstract class VerificationKey(ReadOnlySpan<byte> key)
{
    /// <summary>Not the key itself: what is made with that could pass for a signature.</summary>
    private readonly byte[] _mark = SHA256.HashData([.. "Webhooks.Receiver replay key\n"u8, .. key]);

    public abstract bool FitsAny(IReadOnlyList<Signature> signatures, in SignedContent content);

    /// <summary>The text as something of this key's owner alone: another text for every other key, the same on every node. Tells nothing of the key.</summary>
    public string Own(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_mark, Encoding.UTF8.GetBytes(text)));
}
