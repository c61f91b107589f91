namespace Webhooks.Chaos.Tests.Ground;

/// <summary>How the nodes under test are set: small caps, so that what they promise is sharp; deadlines that a machine which stands still for a while does not miss.</summary>
public static class Settings
{
    /// <summary>As the platform authenticates.</summary>
    public const string AdminKey = "chaos:not-a-secret-at-all";

    /// <summary>Requests under way at a time, and so the duplicates that one killing may cost.</summary>
    public const int MaxInFlight = 16;

    /// <summary>Requests under way to one webhook while none of them ends: what else is free stays free for others.</summary>
    public const int MaxHanging = 10;

    /// <summary>
    /// The time in which a node that is alive has to say so, or its shards, and with them what it is sending, go to others. A dead
    /// one is noticed by its lost connection; only a frozen one is waited for.
    /// </summary>
    public const int LeaseSeconds = 30;

    /// <param name="connectionString">Null: the embedded cluster of the folder.</param>
    public static Dictionary<string, string> Of(string dataDirectory, string? connectionString = null, string role = "all", int leaseSeconds = LeaseSeconds)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Webhooks__DataDirectory"] = dataDirectory,
            ["Webhooks__Role"] = role,
            ["Webhooks__BootstrapKey"] = AdminKey,
            ["Webhooks__MasterKey"] = new string('0', 64),
            ["Webhooks__Egress__AllowNetworks"] = "127.0.0.0/8",
            ["Webhooks__Delivery__MaxInFlight"] = MaxInFlight.ToString(),
            ["Webhooks__Delivery__LeaseSeconds"] = leaseSeconds.ToString(),
            ["Webhooks__Delivery__AcceptSeconds"] = "60",
            ["Webhooks__Delivery__PollMs"] = "100",
            ["Webhooks__Delivery__DrainSeconds"] = "20",
        };
        if (connectionString is not null)
        {
            settings["ConnectionStrings__Postgres"] = connectionString;
        }

        return settings;
    }

    /// <summary>It waits for its database as little as one that nobody has set, or less, and its lease runs out meanwhile.</summary>
    public static Dictionary<string, string> OfOneThatLosesItsDatabase(string dataDirectory, string? connectionString = null, int acceptSeconds = 5) =>
        new(Of(dataDirectory, connectionString, leaseSeconds: 2), StringComparer.Ordinal) { ["Webhooks__Delivery__AcceptSeconds"] = acceptSeconds.ToString() };
}
