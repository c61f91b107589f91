using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver.Keys;

/// <summary>What a signature is checked with.</summary>
internal abstract class VerificationKey
{
    public abstract bool FitsAny(IReadOnlyList<Signature> signatures, in SignedContent content);
}
