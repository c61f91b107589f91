using System.Security.Cryptography;
using System.Text;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.EventStore;

namespace Webhooks.Api.Hosting;

/// <summary>
/// Sees to it that there is an admin key: the configured one, or at the very first start a generated one, shown once.
/// Runs when the server listens already, so that a start that fails on its port spends no secret.
/// </summary>
public sealed class FirstKey(PostgresEventStore store, KeyRing ring, WebhooksOptions options) : IHostedLifecycleService
{
    private const int SecretLength = 43;
    private const string SecretCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>The key issued by this start, its secret included; null when there was one before.</summary>
    public (ApiKeyId Key, string Secret)? Generated { get; private set; }

    /// <summary>256 bits, in characters that need no quoting anywhere.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(SecretCharacters, SecretLength);

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.BootstrapKey is { } text && BootstrapCredentials.TryParse(text, out var bootstrap))
        {
            await Issue(new IssueApiKey(bootstrap!.Key, $"Bootstrap key {bootstrap.Name}", Scopes.Admin, Hash(bootstrap.Secret)), evenIfThereIsOne: true, cancellationToken);
            return;
        }

        var secret = NewSecret();
        var key = new ApiKeyId(Guid.CreateVersion7());
        if (await Issue(new IssueApiKey(key, "First admin key", Scopes.Admin, Hash(secret)), evenIfThereIsOne: false, cancellationToken))
        {
            Generated = (key, secret);
        }
    }

    /// <returns>Whether the key is new.</returns>
    private async Task<bool> Issue(IssueApiKey command, bool evenIfThereIsOne, CancellationToken ct)
    {
        var stream = CompanyId.Installation.Value;
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var fetched = await session.FetchForWriting<Company, CompanyFact>(stream, Company.Installation, Company.Evolve, ct);
            if (!evenIfThereIsOne && fetched.State.Keys.Values.Any(k => !k.Revoked && k.Issued.Scopes.HasFlag(Scopes.Admin)))
            {
                return false;
            }

            var decision = Company.Decide(fetched.State, command);
            if (decision.Refusal is { } refusal)
            {
                throw new StartupException($"Webhooks:BootstrapKey can't be issued: {refusal.Detail} Choose another id.");
            }

            if (decision.Facts.Count == 0)
            {
                return fetched.State.Keys[command.Key].Revoked
                    ? throw new StartupException("Webhooks:BootstrapKey names a key that was revoked; choose another id.")
                    : false;
            }

            session.Append(stream, fetched.Version, decision.Facts, new FactMeta(CompanyId.Installation, null, Guid.CreateVersion7()));
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                ring.Invalidate(command.Key);
                return true;
            }

            // Another node that starts at the same moment was first: look again.
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
