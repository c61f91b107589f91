using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;

namespace Webhooks.EventStore;

/// <summary>
/// Facts as columns, so that any number of them is one insert. Reusable; not safe for several threads,
/// and not to be changed while a batch that took them is being executed.
/// </summary>
public sealed class FactRows
{
    /// <summary>
    /// Identity numbers are drawn in the order of the arrays. A version that is taken violates
    /// <c>events_one_per_version</c>, and then nothing of the batch stands.
    /// </summary>
    private const string InsertSql = """
        insert into es.events (stream_id, version, type, company_id, actor, correlation, data)
        select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bytea[])
        """;

    private readonly List<Guid> _streamIds = [];
    private readonly List<int> _versions = [];
    private readonly List<string> _types = [];
    private readonly List<Guid> _companies = [];
    private readonly List<Guid?> _actors = [];
    private readonly List<Guid> _correlations = [];
    private readonly List<byte[]> _data = [];

    public int Count => _versions.Count;

    internal List<Guid> StreamIds => _streamIds;
    internal List<int> Versions => _versions;
    internal List<Guid> Correlations => _correlations;
    internal List<byte[]> Data => _data;

    public void Add(NewFact fact) => Add(fact.StreamId, fact.Version, fact.Fact, fact.Meta);

    /// <param name="version">The place in the stream, from 1.</param>
    public void Add(Guid streamId, int version, Fact fact, FactMeta meta)
    {
        var data = FactCatalogue.Serialize(fact);
        _streamIds.Add(streamId);
        _versions.Add(version);
        _types.Add(FactCatalogue.NameOf(fact));
        _companies.Add(meta.Company.Value);
        _actors.Add(meta.Actor?.Value);
        _correlations.Add(meta.Correlation);
        _data.Add(data);
    }

    /// <summary>Adds one statement to the batch, or none where there are no facts.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (Count == 0)
        {
            return;
        }

        var command = batch.CreateBatchCommand();
        command.CommandText = InsertSql;
        AddArray(command, _streamIds, NpgsqlDbType.Uuid);
        AddArray(command, _versions, NpgsqlDbType.Integer);
        AddArray(command, _types, NpgsqlDbType.Text);
        AddArray(command, _companies, NpgsqlDbType.Uuid);
        AddArray(command, _actors, NpgsqlDbType.Uuid);
        AddArray(command, _correlations, NpgsqlDbType.Uuid);
        AddArray(command, _data, NpgsqlDbType.Bytea);
        batch.BatchCommands.Add(command);
    }

    public void Clear()
    {
        _streamIds.Clear();
        _versions.Clear();
        _types.Clear();
        _companies.Clear();
        _actors.Clear();
        _correlations.Clear();
        _data.Clear();
    }

    private static void AddArray<T>(NpgsqlBatchCommand command, List<T> values, NpgsqlDbType element) =>
        command.Parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element });
}
