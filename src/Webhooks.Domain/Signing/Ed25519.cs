using System.Runtime.InteropServices;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Ed25519 (RFC 8032) by the system's OpenSSL 3, for .NET itself has none. Needs <c>libcrypto.so.3</c>, which .NET's own
/// cryptography on Linux loads too; where it is missing, <see cref="IsAvailable"/> says so and nothing else is changed.
/// </summary>
public static class Ed25519
{
    public const int SeedBytes = 32;
    public const int PublicKeyBytes = 32;
    public const int SignatureBytes = 64;

    private static readonly Lazy<bool> Available = new(IsLoaded);

    public static bool IsAvailable => Available.Value;

    /// <param name="key">The seed of 32 bytes; what follows it, such as the public half, is not looked at.</param>
    /// <exception cref="Ed25519Exception">OpenSSL is not to be had, or refuses.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content)
    {
        using var pair = PrivateKey(key);
        using var context = NewContext();
        var signature = new byte[SignatureBytes];
        nuint length = SignatureBytes;
        Require(LibCrypto.EVP_DigestSignInit(context, 0, 0, 0, pair) == 1
            && LibCrypto.EVP_DigestSign(context, ref MemoryMarshal.GetArrayDataReference(signature), ref length, in Start(content), (nuint)content.Length) == 1
            && length == SignatureBytes);
        return signature;
    }

    /// <param name="publicKey">32 bytes.</param>
    /// <exception cref="Ed25519Exception">OpenSSL is not to be had, or the key is none.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        RequireAvailable();
        using var key = LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.Ed25519Id, 0, in Start(publicKey), (nuint)publicKey.Length);
        using var context = NewContext();
        Require(!key.IsInvalid && LibCrypto.EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1);
        return LibCrypto.EVP_DigestVerify(context, in Start(signature), (nuint)signature.Length, in Start(content), (nuint)content.Length) == 1;
    }

    /// <summary>The public half of a seed.</summary>
    /// <param name="key">The seed of 32 bytes; what follows it is not looked at.</param>
    /// <exception cref="Ed25519Exception">OpenSSL is not to be had.</exception>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> key)
    {
        using var pair = PrivateKey(key);
        var publicKey = new byte[PublicKeyBytes];
        nuint length = PublicKeyBytes;
        Require(LibCrypto.EVP_PKEY_get_raw_public_key(pair, ref MemoryMarshal.GetArrayDataReference(publicKey), ref length) == 1 && length == PublicKeyBytes);
        return publicKey;
    }

    private static LibCrypto.Key PrivateKey(ReadOnlySpan<byte> key)
    {
        RequireAvailable();
        var pair = LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.Ed25519Id, 0, in Start(key[..SeedBytes]), SeedBytes);
        Require(!pair.IsInvalid);
        return pair;
    }

    private static LibCrypto.Context NewContext()
    {
        var context = LibCrypto.EVP_MD_CTX_new();
        Require(!context.IsInvalid);
        return context;
    }

    private static ref readonly byte Start(ReadOnlySpan<byte> bytes) => ref MemoryMarshal.GetReference(bytes);

    private static void RequireAvailable()
    {
        if (!IsAvailable)
        {
            throw new Ed25519Exception($"Ed25519 needs OpenSSL 3 ({LibCrypto.Name}), which this system does not have.");
        }
    }

    private static void Require(bool done)
    {
        if (!done)
        {
            throw new Ed25519Exception("OpenSSL refused an Ed25519 key or signature.");
        }
    }

    /// <summary>Loaded, and with everything that is asked of it.</summary>
    private static bool IsLoaded() =>
        NativeLibrary.TryLoad(LibCrypto.Name, out var library) && Array.TrueForAll(LibCrypto.Functions, f => NativeLibrary.TryGetExport(library, f, out _));
}

/// <summary>Ed25519 can't be had here. The message holds nothing of a key.</summary>
public sealed class Ed25519Exception(string message) : Exception(message);
