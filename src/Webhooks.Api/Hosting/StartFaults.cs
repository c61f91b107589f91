using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Npgsql;
using Webhooks.EventStore;
using Webhooks.EventStore.Embedded;

namespace Webhooks.Api.Hosting;

/// <summary>Says what keeps the service from starting, and the mend, for the faults that an operator can mend.</summary>
public static class StartFaults
{
    /// <summary>Null for a fault of the program: that one deserves its stack trace.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartupException or EmbeddedPostgresException or MigrationException => exception.Message,
        DatabaseUnavailableException { InnerException: PostgresException e } =>
            $"The database of ConnectionStrings__{Database.ConnectionName} answers, but can't work now ({e.MessageText}); start again when it can.",
        DatabaseUnavailableException { InnerException: { } inner } => $"The database of ConnectionStrings__{Database.ConnectionName} can't be reached ({Reason(inner)}); check host and port, and that PostgreSQL runs there.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } e =>
            $"The database of ConnectionStrings__{Database.ConnectionName} refuses the user or the password ({e.MessageText}); mend the connection string.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } e =>
            $"The database of ConnectionStrings__{Database.ConnectionName} does not exist ({e.MessageText}); create it, or name another.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e =>
            $"The user of ConnectionStrings__{Database.ConnectionName} lacks a right ({e.MessageText}); it must own the database, or be allowed to create schemas in it.",
        NpgsqlException e => $"The database of ConnectionStrings__{Database.ConnectionName} can't be used ({Reason(e)}); check the connection string.",
        IOException { InnerException: AddressInUseException } e => $"{e.Message.TrimEnd('.')}: stop what listens there, or choose another address with --urls http://127.0.0.1:PORT.",
        IOException { InnerException: SocketException } or SocketException or FormatException { Source: "Microsoft.AspNetCore.Http" or "Microsoft.AspNetCore.Server.Kestrel.Core" } or ArgumentOutOfRangeException { ParamName: "port" } =>
            $"The address to listen on can't be used ({exception.Message.Split('\n')[0].TrimEnd('.')}); choose another with --urls http://127.0.0.1:PORT.",
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        _ => null,
    };

    private static string Reason(Exception e) => (e.InnerException ?? e).Message.TrimEnd('.');
}
