using System.Runtime.InteropServices;

namespace Webhooks.Domain.Signing;

/// <summary>The few functions of OpenSSL 3 that <see cref="Ed25519"/> calls, as its manual pages state them. Those that answer int mean success by 1.</summary>
internal static class LibCrypto
{
    public const string Name = "libcrypto.so.3";

    /// <summary>EVP_PKEY_ED25519.</summary>
    public const int Ed25519Id = 1087;

    public static readonly string[] Functions =
    [
        nameof(EVP_PKEY_new_raw_private_key), nameof(EVP_PKEY_new_raw_public_key), nameof(EVP_PKEY_get_raw_public_key), nameof(EVP_PKEY_free), nameof(EVP_MD_CTX_new),
        nameof(EVP_MD_CTX_free), nameof(EVP_DigestSignInit), nameof(EVP_DigestSign), nameof(EVP_DigestVerifyInit), nameof(EVP_DigestVerify),
    ];

    [DllImport(Name)]
    public static extern Key EVP_PKEY_new_raw_private_key(int type, nint engine, in byte key, nuint length);

    [DllImport(Name)]
    public static extern Key EVP_PKEY_new_raw_public_key(int type, nint engine, in byte key, nuint length);

    [DllImport(Name)]
    public static extern int EVP_PKEY_get_raw_public_key(Key key, ref byte output, ref nuint length);

    [DllImport(Name)]
    public static extern Context EVP_MD_CTX_new();

    [DllImport(Name)]
    public static extern int EVP_DigestSignInit(Context context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Name)]
    public static extern int EVP_DigestSign(Context context, ref byte signature, ref nuint length, in byte content, nuint contentLength);

    [DllImport(Name)]
    public static extern int EVP_DigestVerifyInit(Context context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Name)]
    public static extern int EVP_DigestVerify(Context context, in byte signature, nuint length, in byte content, nuint contentLength);

    [DllImport(Name)]
    private static extern void EVP_PKEY_free(nint key);

    [DllImport(Name)]
    private static extern void EVP_MD_CTX_free(nint context);

    /// <summary>An EVP_PKEY.</summary>
    public sealed class Key() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    /// <summary>An EVP_MD_CTX.</summary>
    public sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}
