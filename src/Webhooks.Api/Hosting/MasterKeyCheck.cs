using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Hosting;

/// <summary>A node with another master key than the data's could sign nothing: it had better not start.</summary>
public sealed class MasterKeyCheck(WebhookQueries webhooks, ApiKeyQueries keys, SecretSealer sealer) : IHostedService
{
    /// <exception cref="StartupException">The secrets in the database were sealed with another key.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await webhooks.Any(cancellationToken) is { State.Keys: [{ } signing, ..] } webhook)
            {
                sealer.Open(signing.Secret, webhook.Id.ToString());
            }

            if (await keys.AnyShared(cancellationToken) is { SharedSecret: { } shared } key)
            {
                sealer.Open(shared, key.Key.ToString());
            }
        }
        catch (CannotOpenSecretException e)
        {
            throw new StartupException($"The master key is not the one of this database. {e.Message}", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
