using Microsoft.Extensions.Logging.Console;
using Webhooks.Api.Operations;

namespace Webhooks.Api.Hosting;

/// <summary>Builds and runs the service: settings, database, services, routes.</summary>
public static class WebhooksHost
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Bodies beyond it are not read at all; each route has a smaller limit of its own.</summary>
    private const int MaxRequestBytes = 32 * 1024 * 1024;

    /// <summary>The process's life. A start that fails for a reason the operator can mend says so in one sentence on stderr.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] args)
    {
        try
        {
            if (args is [RebuildCommand.Name, .. var settings])
            {
                return await RebuildCommand.Run(settings, Console.Out, Console.Error);
            }

            await using var app = await Build(args);
            await app.StartAsync(CancellationToken.None);
            StartMessage.Write(app, Console.Out);
            await app.WaitForShutdownAsync(CancellationToken.None);
            return 0;
        }
        catch (Exception e) when (StartFaults.Explain(e) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <summary>Everything but the start: the database is open and migrated. Dispose the application to close it.</summary>
    /// <param name="configure">Runs before the settings are read: tests add settings and services here.</param>
    /// <exception cref="StartupException">Settings or surroundings are not as they have to be.</exception>
    public static async Task<WebApplication> Build(string[] args, Action<WebApplicationBuilder>? configure = null, CancellationToken ct = default)
    {
        // Settings are read once. Watching the working directory for changes of appsettings.json would watch the embedded database's files too: 5 % of the CPU under load.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], ApplicationName = "webhooks" });
        configure?.Invoke(builder);
        var options = SettingsReader.Read<WebhooksOptions>(builder.Configuration, WebhooksOptions.Section);
        var collector = options.Telemetry.Collector(builder.Configuration);
        ConfigureServer(builder, options);
        var masterKey = MasterKey.Load(options, Console.Out);
        var database = await OpenDatabase(builder, options, ct);
        try
        {
            if (collector is not null)
            {
                builder.Services.AddOtlp(collector);
            }

            builder.Services.AddWebhooks(options, database, masterKey);
            var app = builder.Build();

            // The container closes in reverse order of creation: what is made first outlives all others.
            app.Services.GetRequiredService<Database>();
            Pipeline.Use(app, options);
            return app;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static async Task<Database> OpenDatabase(WebApplicationBuilder builder, WebhooksOptions options, CancellationToken ct)
    {
        using var logging = LoggerFactory.Create(l => l.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole().SetMinimumLevel(LogLevel.Warning));
        return await Database.Open(options, builder.Configuration.GetConnectionString(Database.ConnectionName), logging.CreateLogger<Database>(), ct);
    }

    private static void ConfigureServer(WebApplicationBuilder builder, WebhooksOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 100;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        });
        var isAddressed = builder.Configuration["urls"] is not null || builder.Configuration["http_ports"] is not null
            || builder.Configuration["https_ports"] is not null || builder.Configuration.GetSection("Kestrel:Endpoints").Exists();
        if (!isAddressed)
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.Delivery.DrainSeconds + 20));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });

        // A start that fails is explained by Run; a background service that dies is still logged, as critical.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }
}
