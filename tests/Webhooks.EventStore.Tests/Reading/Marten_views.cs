namespace Webhooks.EventStore.Tests.Reading;

public sealed class Marten_views(EmptyLog log) : IClassFixture<EmptyLog>
{
    [Fact]
    public async Task Show_each_fact_as_an_event()
    {
        var stream = await log.Append("rød", "green");
        var fact = (await log.Read(stream))[0];

        await using var command = log.DataSource.CreateCommand(
            $"""select seq_id, stream_id, version, data ->> 'name', type, "timestamp", tenant_id, is_archived from mt.mt_events where stream_id = '{stream}' order by version""");
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());

        Assert.Equal(fact.Position.Seq, reader.GetInt64(0));
        Assert.Equal(stream, reader.GetGuid(1));
        Assert.Equal(1L, reader.GetInt64(2));
        Assert.Equal("rød", reader.GetString(3));
        Assert.Equal("company.registered.v1", reader.GetString(4));
        Assert.Equal(fact.RecordedAt, await reader.GetFieldValueAsync<DateTimeOffset>(5));
        Assert.Equal(EmptyLog.Meta.Company.Value.ToString(), reader.GetString(6));
        Assert.False(reader.GetBoolean(7));
    }

    [Fact]
    public async Task Name_each_event_by_an_id_that_stays()
    {
        var stream = await log.Append("red", "green");
        var sql = $"select string_agg(id::text, ' ' order by version) from mt.mt_events where stream_id = '{stream}'";

        var ids = await log.Scalar<string>(sql);

        Assert.Equal(ids, await log.Scalar<string>(sql));
        Assert.Equal(2, ids.Split(' ').Distinct().Count());
    }

    [Fact]
    public async Task Show_each_stream_with_its_last_version()
    {
        var stream = await log.Append("red");
        await log.Append(stream, 1, "green");
        var facts = await log.Read(stream);

        await using var command = log.DataSource.CreateCommand($"""select type, version, created, "timestamp" from mt.mt_streams where id = '{stream}'""");
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());

        Assert.Equal("company", reader.GetString(0));
        Assert.Equal(2L, reader.GetInt64(1));
        Assert.Equal(facts[0].RecordedAt, await reader.GetFieldValueAsync<DateTimeOffset>(2));
        Assert.Equal(facts[1].RecordedAt, await reader.GetFieldValueAsync<DateTimeOffset>(3));
        Assert.False(await reader.ReadAsync());
    }
}
