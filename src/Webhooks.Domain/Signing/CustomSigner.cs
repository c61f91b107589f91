using System.Buffers;
using System.Security.Cryptography;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Signing;

/// <summary>A <see cref="CustomSignature"/> with its templates cut, to be made once per webhook.</summary>
public sealed class CustomSigner
{
    private readonly CustomSignature _settings;
    private readonly SignatureTemplate _content;
    private readonly SignatureTemplate? _prefix;
    private readonly (string Name, SignatureTemplate Value)[] _headers;

    private CustomSigner(CustomSignature settings, SignatureTemplate content, SignatureTemplate? prefix, (string Name, SignatureTemplate Value)[] headers) =>
        (_settings, _content, _prefix, _headers) = (settings, content, prefix, headers);

    /// <returns>Null where a template was written by a newer version and means nothing to this one.</returns>
    public static CustomSigner? Of(CustomSignature settings)
    {
        var headers = settings.Headers.Select(h => (h.Name, Value: SignatureTemplate.Parse(h.Value, out _))).ToList();
        var prefix = settings.Prefix is { } text ? SignatureTemplate.Parse(text, out _) : null;
        return SignatureTemplate.Parse(settings.Content, out _) is { } content && prefix is not null == settings.Prefix is not null && headers.TrueForAll(h => h.Value is not null)
            ? new CustomSigner(settings, content, prefix, [.. headers.Select(h => (h.Name, h.Value!))])
            : null;
    }

    /// <summary>The further headers in their order, and last the signature.</summary>
    internal EquatableArray<Header> Sign(in SigningInput input)
    {
        var content = new ArrayBufferWriter<byte>(input.Content.Length + 128);
        _content.Write(content, input);
        var keys = _settings.Separator is null ? input.Keys[^1..] : input.Keys;
        var signatures = new string[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var mac = _settings.Hash == SignatureHash.Sha512 ? HMACSHA512.HashData(keys[i], content.WrittenSpan) : HMACSHA256.HashData(keys[i], content.WrittenSpan);
            signatures[i] = _settings.Encoding == SignatureEncoding.Base64 ? Convert.ToBase64String(mac) : Convert.ToHexStringLower(mac);
        }

        var headers = new Header[_headers.Length + 1];
        for (var i = 0; i < _headers.Length; i++)
        {
            headers[i] = new(_headers[i].Name, _headers[i].Value.Text(input));
        }

        headers[^1] = new(_settings.SignatureHeader, _prefix?.Text(input) + string.Join(_settings.Separator, signatures));
        return headers;
    }
}
