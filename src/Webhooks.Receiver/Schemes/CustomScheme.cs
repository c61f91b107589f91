using System.Security.Cryptography;
using Webhooks.Receiver.Keys;

namespace Webhooks.Receiver.Schemes;

/// <summary>Whatever <see cref="CustomSignature"/> says; GetStream, GitHub and Shopify are among it.</summary>
internal sealed class CustomScheme : Scheme
{
    private readonly CustomSignature _signature;

    public CustomScheme(CustomSignature signature)
    {
        if (signature.Hash != HashAlgorithmName.SHA256 && signature.Hash != HashAlgorithmName.SHA512)
        {
            throw new ArgumentException("The hash is SHA256 or SHA512.", nameof(signature));
        }

        _signature = signature;
    }

    public override string SignatureHeader => _signature.SignatureHeader;

    public override VerificationKey Key(string text) => HmacKey.OfText(text, _signature.Hash);

    public override SignedRequest Read(HeaderReader headers)
    {
        var text = headers.Text(SignatureHeader);
        var at = text.IndexOf(_signature.Prefix, StringComparison.Ordinal);
        if (at < 0)
        {
            headers.Malformed(SignatureHeader);
        }

        var list = at < 0 ? "" : text[(at + _signature.Prefix.Length)..];
        var sentAt = _signature.SentAt?.Invoke(headers.All);
        if (_signature.SentAt is not null && sentAt is null)
        {
            headers.Malformed(SignatureHeader);
        }

        return new(
            () => _signature.Before?.Invoke(headers.All) ?? "",
            HeaderReader.Hmacs(_signature.Separator is { } separator ? list.Split(separator) : [list], _signature.IsBase64))
        {
            After = () => _signature.After?.Invoke(headers.All) ?? "",
            Id = headers.Optional(_signature.IdHeader),
            SentAt = sentAt,
            TimeHeader = SignatureHeader,
        };
    }
}
