using Webhooks.Receiver.Keys;

namespace Webhooks.Receiver.Schemes;

/// <summary>
/// Standard Webhooks: signed is <c>{id}.{unix seconds}.{content}</c>, the list is separated by spaces, each item a
/// version and the base64 of a signature. Unknown versions are passed over, so that senders may add some.
/// </summary>
/// <param name="prefix">That of the three headers: <c>webhook</c> or <c>svix</c>.</param>
internal sealed class StandardScheme(string prefix) : Scheme
{
    private readonly string _idHeader = prefix + "-id";
    private readonly string _timeHeader = prefix + "-timestamp";

    public override string SignatureHeader { get; } = prefix + "-signature";

    public override VerificationKey Key(string text) =>
        text.StartsWith(Ed25519Key.Prefix, StringComparison.Ordinal) ? Ed25519Key.OfText(text) : HmacKey.OfStandardSecret(text);

    public override SignedRequest Read(HeaderReader headers)
    {
        var (id, time) = (headers.Text(_idHeader), headers.Text(_timeHeader));

        // A dot would let one id and time be read as another.
        if (id.Contains('.', StringComparison.Ordinal))
        {
            headers.Malformed(_idHeader);
        }

        var sentAt = headers.UnixTime(time, _timeHeader);
        return new(() => $"{id}.{time}.", Signatures(headers.Text(SignatureHeader))) { Id = id, SentAt = sentAt, TimeHeader = _timeHeader };
    }

    private static List<Signature> Signatures(string list)
    {
        var signatures = new List<Signature>();
        foreach (var item in list.Split(' ').Take(MaxSignatures))
        {
            var (isEd25519, text) = item switch
            {
                ['v', '1', ',', .. var mac] => (false, mac),
                ['v', '1', 'a', ',', .. var signature] => (true, signature),
                _ => (false, null),
            };
            if (text is not null && HeaderReader.Base64(text) is { } value)
            {
                signatures.Add(new(isEd25519, value));
            }
        }

        return signatures;
    }
}
