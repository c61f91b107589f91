using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Webhooks.Api.Compatibility.GetStream;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Api.Operations;
using Webhooks.Api.Operations.Metrics;
using Webhooks.Delivery;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Compatibility;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;
using Webhooks.Projections.Messages;
using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Hosting;

/// <summary>What the parts of the service are made of. Everything is a singleton: state lives in PostgreSQL, or is made to be shared.</summary>
public static class Services
{
    public static void AddWebhooks(this IServiceCollection services, WebhooksOptions options, Database database, byte[] masterKey)
    {
        ArgumentNullException.ThrowIfNull(options);

        // By factories, so that the container disposes the database after everything that uses it.
        services.AddSingleton(_ => database);
        services.AddSingleton<NpgsqlDataSource>(s => s.GetRequiredService<Database>().Source);
        services.AddHostedService<DatabaseSupervision>();
        services.AddSingleton(options);
        services.AddSingleton(options.Delivery);
        services.AddSingleton(options.Emit);
        services.AddSingleton(options.Egress);
        services.AddSingleton(options.Telemetry);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new SecretSealer(masterKey));
        services.AddSingleton<LogSignal>();
        services.AddSingleton<IReadOnlyList<IInlineProjection>>(s => [.. s.GetServices<IInlineProjection>()]);
        services.AddSingleton<PostgresEventStore>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<KeyRing>();
        services.AddCompanies();
        services.AddEndpoints();
        services.AddHostedService<MasterKeyCheck>();
        services.AddDelivery(options);
        services.AddMessages();
        services.AddOperations();
        services.AddTelemetry(options.Telemetry);
        services.AddOpenApiDocument();
        if (options.Role != Role.Worker)
        {
            services.AddSingleton<FirstKey>();
            services.AddHostedService(s => s.GetRequiredService<FirstKey>());
        }
    }

    /// <summary>To be called before <see cref="AddWebhooks"/>: what starts first stops last, and pushes the last numbers.</summary>
    public static void AddOtlp(this IServiceCollection services, Uri collector) =>
        services.AddHostedService(s => new OtlpPush(collector, s.GetRequiredService<IConfiguration>(), s.GetRequiredService<ILogger<OtlpPush>>()));

    private static void AddCompanies(this IServiceCollection services)
    {
        services.AddSingleton<IInlineProjection, CompaniesProjection>();
        services.AddSingleton<CompanyQueries>();
        services.AddSingleton<ApiKeyQueries>();
    }

    private static void AddEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<IInlineProjection, WebhooksProjection>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<AiozWebhookQueries>();
        services.AddSingleton<WebhookHistory>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<WebhookReader>();
        services.AddSingleton<Hooks>();
    }

    private static void AddDelivery(this IServiceCollection services, WebhooksOptions options)
    {
        services.AddSingleton<IInlineProjection, RoutingProjection>();
        services.AddSingleton<IInlineProjection, HealthProjection>();
        services.AddSingleton<DatabaseClock>();
        services.AddSingleton(s => new EgressClient(options.Egress, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(options.Delivery.ForNode(delivers: options.Role != Role.Api) with { Health = options.Health.ForNode() });
        services.AddSingleton(s => s.GetRequiredService<IMeterFactory>().Create(NodeMetrics.MeterName));
        services.AddSingleton<DeliveryNode>();
        services.AddHostedService(s => s.GetRequiredService<DeliveryNode>());
    }

    private static void AddMessages(this IServiceCollection services)
    {
        services.AddSingleton<EventAcceptor>();
        services.AddSingleton<MessageQueries>();
        services.AddSingleton<DeliveryQueries>();
        services.AddSingleton<DeliveryAudit>();
    }

    private static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ReadModelWait>();
        services.AddSingleton<Rebuild>();
        services.AddSingleton<Rebuilds>();
        services.AddHostedService(s => s.GetRequiredService<Rebuilds>());
        services.AddSingleton<ProjectionWorker>();
        services.AddHostedService(s => s.GetRequiredService<ProjectionWorker>());
    }

    private static void AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddSingleton<ProjectionMetrics>();
        services.AddHostedService(s => s.GetRequiredService<ProjectionMetrics>());
        if (options.Metrics != MetricsAccess.Off)
        {
            services.AddSingleton<MetricsReader>();
        }
    }
}
