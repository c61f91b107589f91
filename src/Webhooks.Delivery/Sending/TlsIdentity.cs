using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// What a webhook brings to a TLS handshake: the certificate it shows and the authorities it trusts. Connections made
/// with one are used by no other.
/// </summary>
public sealed class TlsIdentity : IEquatable<TlsIdentity>
{
    private readonly string _fingerprint;

    /// <param name="certificate">PEM, with those between it and the root; null to show none.</param>
    /// <param name="privateKey">PEM of its key, not encrypted; null without a certificate.</param>
    /// <param name="ca">PEM of the authorities trusted, none beside them; null for the system's.</param>
    public TlsIdentity(string? certificate, string? privateKey, string? ca)
    {
        (Certificate, PrivateKey, Ca) = (certificate, privateKey, ca);
        _fingerprint = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{certificate}\0{privateKey}\0{ca}")));
    }

    internal string? Certificate { get; }
    internal string? PrivateKey { get; }
    internal string? Ca { get; }

    public bool Equals(TlsIdentity? other) => other is not null && _fingerprint == other._fingerprint;
    public override bool Equals(object? obj) => Equals(obj as TlsIdentity);
    public override int GetHashCode() => _fingerprint.GetHashCode(StringComparison.Ordinal);
}
