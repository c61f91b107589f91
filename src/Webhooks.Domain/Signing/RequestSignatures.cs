using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Signing;

/// <summary>A signing key with its secret in the clear, as <see cref="SecretSealer"/> opened it.</summary>
public readonly record struct OpenedKey(string Secret, SigningKey Key)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => "[hidden]";
}

/// <summary>All that a webhook signs its requests with: its signatures, each with the keys that fit it. Made once per change of the webhook.</summary>
public sealed class RequestSignatures
{
    private readonly Signer[] _signers;
    private readonly string? _apiKey;
    private readonly string _label;

    /// <param name="keys">Newest first. What a scheme can't sign with, it passes over.</param>
    public RequestSignatures(WebhookConfiguration configuration, IReadOnlyList<OpenedKey> keys)
    {
        _signers = [.. configuration.SignedWith.Select(s => new Signer(s, keys))];
        _apiKey = configuration.ApiKey;
        _label = configuration.Label;
        AreShortLived = _signers.Any(s => s.Scheme == SignatureScheme.Streem);
    }

    /// <summary>Receivers take them for half a second at most, so they are made as the request is written. The others hold for minutes, or for ever.</summary>
    public bool AreShortLived { get; }

    /// <summary>The headers of all signatures, in the order in which the webhook has them.</summary>
    /// <param name="input">Its keys, API key, label and custom signer are the webhook's own, whatever it says.</param>
    /// <exception cref="ArgumentException">At the time of the input no key signs.</exception>
    /// <exception cref="InvalidOperationException">A custom signature means nothing to this version.</exception>
    /// <exception cref="Ed25519Exception">The system's OpenSSL is not to be had.</exception>
    public EquatableArray<Header> Sign(in SigningInput input)
    {
        if (_signers.Length == 1)
        {
            return Sign(_signers[0], input);
        }

        var headers = new List<Header>();
        foreach (var signer in _signers)
        {
            foreach (var header in Sign(signer, input))
            {
                Join(headers, header);
            }
        }

        return headers.ToArray();
    }

    private EquatableArray<Header> Sign(Signer signer, in SigningInput input) =>
        RequestSigner.Sign(signer.Scheme, input with { Keys = signer.KeysAt(input.SentAt), ApiKey = _apiKey, Label = _label, Custom = signer.Custom });

    /// <summary>Secret and key pair of Standard Webhooks sign side by side: one time, one list.</summary>
    private static void Join(List<Header> headers, Header header)
    {
        var index = headers.FindIndex(h => h.Name == header.Name);
        if (index < 0)
        {
            headers.Add(header);
        }
        else if (header.Name == StandardWebhooks.SignatureHeader)
        {
            headers[index] = header with { Value = $"{headers[index].Value} {header.Value}" };
        }
    }

    private sealed class Signer
    {
        private readonly (byte[] Bytes, SigningKey Key)[] _keys;

        /// <summary>Null: they change with time.</summary>
        private readonly byte[][]? _always;

        public Signer(SignatureSettings settings, IReadOnlyList<OpenedKey> keys)
        {
            Scheme = settings.Scheme;
            Custom = settings.Custom is { } custom ? CustomSigner.Of(custom) : null;
            _keys =
            [
                .. keys.Where(k => k.Key.IsFor(settings.Scheme) && SecretRules.Suits(settings.Scheme, k.Secret))
                    .Select(k => (SigningSecret.KeyBytes(settings.Scheme, k.Secret), k.Key)),
            ];
            _always = Array.TrueForAll(_keys, k => k.Key is { ValidUntil: null, TakesOverAt: null }) ? At(default) : null;
        }

        public SignatureScheme Scheme { get; }
        public CustomSigner? Custom { get; }

        public byte[][] KeysAt(DateTimeOffset now) => _always ?? At(now);

        /// <summary>Those given for this scheme come last, where a scheme of one signature looks.</summary>
        private byte[][] At(DateTimeOffset now) => [.. _keys.Where(k => k.Key.SignsAt(now)).OrderBy(k => k.Key.ComesFirstAt(now)).Select(k => k.Bytes)];
    }
}
