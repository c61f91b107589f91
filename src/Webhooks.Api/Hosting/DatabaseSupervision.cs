namespace Webhooks.Api.Hosting;

/// <summary>Keeps the embedded database running as long as the service runs. Registered first, so that it ends last.</summary>
public sealed class DatabaseSupervision(Database database, TimeProvider time, ILogger<DatabaseSupervision> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => database.Supervise(time, log, stoppingToken);
}
