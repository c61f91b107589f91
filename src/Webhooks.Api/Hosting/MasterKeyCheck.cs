using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Hosting;

/// <summary>A node with another master key than the data's could sign nothing: it had better not start.</summary>
public sealed class MasterKeyCheck(WebhookQueries webhooks, SecretSealer sealer) : IHostedService
{
    /// <exception cref="StartupException">The secrets in the database were sealed with another key.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await webhooks.Any(cancellationToken) is not { State.Keys: [{ } key, ..] } webhook)
        {
            return;
        }

        try
        {
            sealer.Open(key.Secret, webhook.Id.ToString());
        }
        catch (CannotOpenSecretException e)
        {
            throw new StartupException($"The master key is not the one of this database. {e.Message}", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
