namespace Webhooks.Chaos.Tests.Ground;

/// <summary>How the nodes under test are set: small caps, so that what they promise is sharp; short times, so that tests are.</summary>
public static class Settings
{
    /// <summary>As the platform authenticates.</summary>
    public const string AdminKey = "chaos:not-a-secret-at-all";

    /// <summary>Requests under way at a time, and so the duplicates that one killing may cost.</summary>
    public const int MaxInFlight = 16;

    /// <summary>Requests under way to one webhook while none of them ends: what else is free stays free for others.</summary>
    public const int MaxHanging = 10;

    public const int LeaseSeconds = 2;

    /// <param name="connectionString">Null: the embedded cluster of the folder.</param>
    public static Dictionary<string, string> Of(string dataDirectory, string? connectionString = null, string role = "all")
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Webhooks__DataDirectory"] = dataDirectory,
            ["Webhooks__Role"] = role,
            ["Webhooks__BootstrapKey"] = AdminKey,
            ["Webhooks__MasterKey"] = new string('0', 64),
            ["Webhooks__Egress__AllowNetworks"] = "127.0.0.0/8",
            ["Webhooks__Delivery__MaxInFlight"] = MaxInFlight.ToString(),
            ["Webhooks__Delivery__LeaseSeconds"] = LeaseSeconds.ToString(),
            ["Webhooks__Delivery__PollMs"] = "100",
            ["Webhooks__Delivery__DrainSeconds"] = "20",
        };
        if (connectionString is not null)
        {
            settings["ConnectionStrings__Postgres"] = connectionString;
        }

        return settings;
    }
}
