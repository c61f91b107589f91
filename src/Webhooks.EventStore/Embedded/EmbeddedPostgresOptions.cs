namespace Webhooks.EventStore.Embedded;

/// <summary>Where the private cluster lives and what is special about it.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The service's data directory; made when absent. The cluster lies in its folder <c>postgres</c>, or where its file <c>postgres.location</c> points.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The folder that holds <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>. Null: look for it (<see cref="PostgresBinaries"/>).</summary>
    public string? BinDirectory { get; init; }

    /// <summary>Where fetched binaries are kept. Null: <c>/var/cache/webhooks</c> for root, else <c>$XDG_CACHE_HOME/webhooks</c> or <c>~/.cache/webhooks</c>.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Further lines of <c>postgresql.conf</c>, stronger than <see cref="ClusterSettings"/>; a value is written as the file wants it, quotes included.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>False loses data at a power cut and is for tests alone.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How long a start may take, recovery from a crash included, before it is called failed.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a fast shutdown may take before the immediate one, which costs the next start a recovery and loses nothing.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
