using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Webhooks.Api.Hosting;

/// <summary>What the operator sees when the service has started: at most ten lines.</summary>
public static class StartMessage
{
    public static void Write(WebApplication app, TextWriter console)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(console);
        var options = app.Services.GetRequiredService<WebhooksOptions>();
        var database = app.Services.GetRequiredService<Database>();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        console.WriteLine($"Webhooks listens on {string.Join(", ", addresses)}");
        console.WriteLine($"  API description  {addresses.FirstOrDefault()}/openapi/v1.json");
        console.WriteLine($"  Data directory   {Path.GetFullPath(options.DataDirectory)}{(database.IsEmbedded ? " (embedded PostgreSQL)" : "")}");
        if (app.Services.GetService<FirstKey>()?.Generated is var (key, secret))
        {
            console.WriteLine("  Admin API key, shown this once:");
            console.WriteLine($"    id      {key}");
            console.WriteLine($"    secret  {secret}");
        }
    }
}
