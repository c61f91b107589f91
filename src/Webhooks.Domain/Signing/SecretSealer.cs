using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Encrypts secrets under the installation's master key (AES-256-GCM), so that facts may hold them. Sealing is
/// deterministic: the nonce is a keyed hash of context and text. A decider can so tell that a command run twice brings
/// the same secret, without being able to read it. What this gives away is whether two secrets of one context are
/// equal; secrets of different contexts share nothing.
/// </summary>
/// <remarks>Text form: <c>v1.{id of the master key, 8 hex}.{base64url of nonce, ciphertext and tag}</c>. Safe for concurrent use.</remarks>
public sealed class SecretSealer
{
    public const int MasterKeyBytes = 32;

    private const string Version = "v1";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // Half a surrogate pair would be sealed as another text than was given.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _encryptionKey;
    private readonly byte[] _nonceKey;

    /// <param name="masterKey">32 bytes.</param>
    public SecretSealer(ReadOnlySpan<byte> masterKey)
    {
        if (masterKey.Length != MasterKeyBytes)
        {
            throw new ArgumentException($"The master key has {MasterKeyBytes} bytes.", nameof(masterKey));
        }

        _encryptionKey = Derive(masterKey, "webhooks secret encryption v1"u8);
        _nonceKey = Derive(masterKey, "webhooks secret nonce v1"u8);
        KeyId = Convert.ToHexStringLower(SHA256.HashData(Derive(masterKey, "webhooks master key check v1"u8)).AsSpan(0, 4));
    }

    /// <summary>Tells master keys apart without saying anything about them: 8 hex characters.</summary>
    public string KeyId { get; }

    /// <param name="context">
    /// Where the secret belongs, such as a webhook's sid; the same is needed to open it, so a sealed secret copied
    /// elsewhere is worthless. Without NUL.
    /// </param>
    public SealedSecret Seal(string plaintext, string context)
    {
        var text = Utf8.GetBytes(plaintext);
        var place = Place(context);
        var box = new byte[NonceBytes + text.Length + TagBytes];
        var nonce = box.AsSpan(0, NonceBytes);
        byte[] named = [.. place, 0, .. text];
        HMACSHA256.HashData(_nonceKey, named).AsSpan(0, NonceBytes).CopyTo(nonce);
        using var aes = new AesGcm(_encryptionKey, TagBytes);
        aes.Encrypt(nonce, text, box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), place);
        return new SealedSecret($"{Version}.{KeyId}.{Base64Url.EncodeToString(box)}");
    }

    /// <exception cref="CannotOpenSecretException">Sealed with another master key or for another context, changed, or no sealed secret at all.</exception>
    public string Open(SealedSecret secret, string context)
    {
        var box = Box(secret.Value);
        var text = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_encryptionKey, TagBytes);
        try
        {
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), text, Place(context));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new CannotOpenSecretException("A sealed secret does not open: it was changed, or it was sealed for another place.", e);
        }

        return Utf8.GetString(text);
    }

    private byte[] Box(string? value)
    {
        if (value?.Split('.') is not [Version, { Length: 8 } keyId, var encoded] || !Base64Url.IsValid(encoded, out var length) || length < NonceBytes + TagBytes)
        {
            throw new CannotOpenSecretException("A sealed secret does not open: it has not the form of one.");
        }

        return keyId == KeyId
            ? Base64Url.DecodeFromChars(encoded)
            : throw new CannotOpenSecretException($"A sealed secret does not open: it was sealed with the master key {keyId}, and the present one is {KeyId}. Start with the master key of this data.");
    }

    private static byte[] Place(string context) =>
        context.Contains('\0') ? throw new ArgumentException("A context holds no NUL: it ends there.", nameof(context)) : Utf8.GetBytes(context);

    private static byte[] Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[MasterKeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, salt: [], purpose);
        return key;
    }
}

/// <summary>A sealed secret cannot be read. The message says why and holds nothing of the secret.</summary>
public sealed class CannotOpenSecretException(string message, Exception? inner = null) : Exception(message, inner);
