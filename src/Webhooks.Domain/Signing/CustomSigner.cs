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

    /// <exception cref="FormatException">Settings that <see cref="SignatureRules"/> does not allow.</exception>
    public CustomSigner(CustomSignature settings)
    {
        _settings = settings;
        _content = Parse(settings.Content);
        _prefix = settings.Prefix is { } prefix ? Parse(prefix) : null;
        _headers = [.. settings.Headers.Select(h => (h.Name, Parse(h.Value)))];
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

    private static SignatureTemplate Parse(string text) => SignatureTemplate.Parse(text, out var problem) ?? throw new FormatException(problem);
}
