using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Webhooks.Delivery;
using Webhooks.Domain;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Http;

/// <summary>
/// API keys in memory, read from the database at most once a second each: a key revoked through another node
/// works no longer than that, one revoked here stops at once. Every request passes here: where the database does not answer,
/// none waits longer than an event waits to be saved.
/// </summary>
public sealed class KeyRing(ApiKeyQueries keys, SecretSealer sealer, DeliveryOptions options, TimeProvider time)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>Unknown names are remembered too; a flood of invented ones must not fill the memory.</summary>
    private const int MaxEntries = 100_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The caller whose key has this name and secret; null when there is none, or it was revoked.</summary>
    /// <exception cref="NpgsqlException">The database can't be asked.</exception>
    public ValueTask<Caller?> Authenticate(ReadOnlySpan<char> name, ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        if (_entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var entry) && IsFresh(entry) && entry.Key.IsCompletedSuccessfully)
        {
            return ValueTask.FromResult(Check(entry.Key.GetAwaiter().GetResult(), hash));
        }

        return ApiKeyName.TryResolve(name, out var id)
            ? LoadAndCheck(name.ToString(), id, hash.ToArray())
            : ValueTask.FromResult<Caller?>(null);
    }

    /// <summary>The key of this name with its secret; null when there is none, it was revoked, or its secret is kept as a hash alone.</summary>
    /// <exception cref="NpgsqlException">The database can't be asked.</exception>
    public async ValueTask<SharedSecretKey?> FindShared(string name) =>
        ApiKeyName.TryResolve(name, out var id) ? (await Load(name, id))?.Shared : null;

    /// <summary>The next use reads the key anew: it was issued or revoked.</summary>
    public void Invalidate(ApiKeyId key)
    {
        foreach (var (name, _) in _entries.Where(e => e.Value.Id == key))
        {
            _entries.TryRemove(name, out _);
        }
    }

    /// <summary>Forgets every key.</summary>
    public void Invalidate() => _entries.Clear();

    private async ValueTask<Caller?> LoadAndCheck(string name, ApiKeyId id, byte[] hash) => Check(await Load(name, id), hash);

    /// <summary>However many requests wait for a key, one statement reads it.</summary>
    private async Task<KnownKey?> Load(string name, ApiKeyId id)
    {
        while (true)
        {
            if (_entries.TryGetValue(name, out var present) && IsFresh(present))
            {
                return await present.Key;
            }

            var gate = new TaskCompletionSource<KnownKey?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var entry = new Entry(id, gate.Task, time.GetTimestamp());
            if (!(present is null ? _entries.TryAdd(name, entry) : _entries.TryUpdate(name, entry, present)))
            {
                continue;
            }

            try
            {
                DropSurplus();
                gate.SetResult(await Read(id));
            }
            catch (Exception e)
            {
                // Waiting requests fail as this one does; the next one asks again.
                _entries.TryRemove(KeyValuePair.Create(name, entry));
                gate.SetException(e);
            }

            return await gate.Task;
        }
    }

    private async Task<KnownKey?> Read(ApiKeyId id) =>
        await DatabaseFailures.Within(options.AcceptTimeout, time, keys.Find(id, CancellationToken.None)) is { RevokedAt: null } row ? Open(row) : null;

    /// <summary>A shared secret is opened once per reading, and then known like any other.</summary>
    private KnownKey Open(ApiKeyRow row)
    {
        var caller = new Caller(row.Key, row.Company, row.Scopes);
        if (row.SharedSecret is not { } boxed)
        {
            return new KnownKey(caller, row.SecretHash ?? throw new InvalidDataException($"The API key {row.Key} has neither a hash nor a shared secret."), Shared: null);
        }

        var secret = sealer.Open(boxed, row.Key.ToString());
        return new KnownKey(caller, SHA256.HashData(Encoding.UTF8.GetBytes(secret)), new SharedSecretKey(caller, secret));
    }

    private void DropSurplus()
    {
        if (_entries.Count > MaxEntries)
        {
            _entries.Clear();
        }
    }

    private bool IsFresh(Entry entry) => time.GetElapsedTime(entry.ReadAt) < MaxAge;

    private static Caller? Check(KnownKey? key, ReadOnlySpan<byte> hash) => key is not null && CryptographicOperations.FixedTimeEquals(key.SecretHash, hash) ? key.Caller : null;

    private sealed record KnownKey(Caller Caller, byte[] SecretHash, SharedSecretKey? Shared);

    private sealed record Entry(ApiKeyId Id, Task<KnownKey?> Key, long ReadAt);
}

/// <summary>A key whose secret both sides sign with.</summary>
public sealed record SharedSecretKey(Caller Caller, string Secret)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => Caller.Key.ToString();
}
