using Npgsql;
using Webhooks.Domain.Companies;

namespace Webhooks.EventStore.Tests.Appending;

public sealed class Appending_facts(EmptyLog log) : IClassFixture<EmptyLog>
{
    [Fact]
    public async Task What_was_appended_is_read_back_whole()
    {
        var stream = await log.Append("red", "green");

        var facts = await log.Read(stream);

        Assert.Equal(["red", "green"], facts.Select(EmptyLog.NameOf));
        Assert.Equal([1, 2], facts.Select(f => f.Version));
        Assert.All(facts, f => Assert.Equal(EmptyLog.Meta, new FactMeta(f.Company, f.Actor, f.Correlation)));
        Assert.All(facts, f => Assert.Equal("company.registered.v1", f.Type));
        Assert.True(facts[0].Position < facts[1].Position);
    }

    [Fact]
    public async Task The_service_itself_is_an_actor_without_a_key()
    {
        var stream = Guid.CreateVersion7();
        await using var session = await log.Store.OpenSession(default);
        session.Append(stream, 0, [EmptyLog.Named("red")], EmptyLog.Meta with { Actor = null });
        await session.SaveChanges(default);

        Assert.Null((await log.Read(stream)).Single().Actor);
    }

    [Fact]
    public async Task A_thousand_facts_of_one_append_keep_their_order()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"{i:0000}").ToArray();
        var stream = await log.Append(names);

        var facts = await log.Read(stream);

        Assert.Equal(names, facts.Select(EmptyLog.NameOf));
        Assert.Equal(facts.OrderBy(f => f.Position), facts);
    }

    [Fact]
    public async Task Of_two_writers_of_one_version_one_wins()
    {
        var stream = await log.Append("red");

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => log.Append(stream, 1, $"writer {i}")));

        Assert.Single(results.OfType<SaveResult.Saved>());
        Assert.Equal(7, results.OfType<SaveResult.VersionConflict>().Count());
        Assert.Equal(2, (await log.Read(stream)).Count);
    }

    [Fact]
    public async Task A_conflict_in_one_stream_leaves_nothing_in_the_others()
    {
        var taken = await log.Append("red");
        var other = Guid.CreateVersion7();
        await using var session = await log.Store.OpenSession(default);
        session.Append(other, 0, [EmptyLog.Named("green")], EmptyLog.Meta);
        session.Append(taken, 0, [EmptyLog.Named("blue")], EmptyLog.Meta);

        Assert.IsType<SaveResult.VersionConflict>(await session.SaveChanges(default));

        Assert.Empty(await log.Read(other));
    }

    [Fact]
    public async Task Another_unique_constraint_is_named_and_leaves_nothing()
    {
        await log.Execute("insert into colours values ('violet')");
        var stream = Guid.CreateVersion7();
        await using var session = await log.Store.OpenSession(default);
        session.Append(stream, 0, [EmptyLog.Named("violet")], EmptyLog.Meta);
        session.Enlist(batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into colours values ('violet')")));

        Assert.Equal(new SaveResult.UniqueViolation("colours_unique"), await session.SaveChanges(default));

        Assert.Empty(await log.Read(stream));
    }

    [Fact]
    public async Task What_is_not_saved_leaves_nothing()
    {
        var stream = Guid.CreateVersion7();
        await using (var session = await log.Store.OpenSession(default))
        {
            session.Append(stream, 0, [EmptyLog.Named("red")], EmptyLog.Meta);
        }

        Assert.Empty(await log.Read(stream));
    }

    [Fact]
    public async Task A_statement_that_fails_leaves_nothing()
    {
        var stream = Guid.CreateVersion7();
        await using var session = await log.Store.OpenSession(default);
        session.Append(stream, 0, [EmptyLog.Named("red")], EmptyLog.Meta);
        session.Enlist(batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("select 1 / 0")));

        await Assert.ThrowsAsync<PostgresException>(() => session.SaveChanges(default));

        Assert.Empty(await log.Read(stream));
    }

    [Fact]
    public async Task A_backend_that_dies_after_the_insert_leaves_nothing()
    {
        var stream = Guid.CreateVersion7();
        await using var session = await log.Store.OpenSession(default);
        session.Append(stream, 0, [EmptyLog.Named("red")], EmptyLog.Meta);
        session.Enlist(batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_terminate_backend(pg_backend_pid())")));

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => session.SaveChanges(default));

        Assert.Empty(await log.Read(stream));
        Assert.IsType<SaveResult.Saved>(await log.Append(stream, 0, "green"));
    }

    [Fact]
    public async Task A_session_is_saved_once()
    {
        await using var session = await log.Store.OpenSession(default);
        session.Append(Guid.CreateVersion7(), 0, [EmptyLog.Named("red")], EmptyLog.Meta);
        await session.SaveChanges(default);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.SaveChanges(default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Inline_projections_see_the_time_that_the_log_records(bool fetchedFirst)
    {
        var name = $"orange {fetchedFirst}";
        var stream = Guid.CreateVersion7();
        await using var session = await log.StoreWith(new Colours()).OpenSession(default);
        if (fetchedFirst)
        {
            await session.FetchForWriting<int, CompanyFact>(stream, 0, (n, _) => n + 1, default);
        }

        session.Append(stream, 0, [EmptyLog.Named(name)], EmptyLog.Meta);
        var saved = Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));

        var fact = (await log.Read(stream)).Single();
        Assert.Equal(saved.RecordedAt, fact.RecordedAt);
        Assert.Equal(saved.Tx, fact.Position.Tx);
        Assert.Equal(fact.RecordedAt.UtcDateTime, await log.Scalar<DateTime>($"select seen_at from colours where name = '{name}'"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Inline_projections_see_what_the_stream_held_before_each_fact(bool fetchedFirst)
    {
        var stream = await log.Append("red", "green");
        var seen = new Earlier();
        await using var session = await log.StoreWith(seen).OpenSession(default);
        if (fetchedFirst)
        {
            await session.FetchForWriting<int, CompanyFact>(stream, 0, (n, _) => n + 1, default);
        }

        session.Append(stream, 2, [EmptyLog.Named("blue"), EmptyLog.Named("black")], EmptyLog.Meta);
        await session.SaveChanges(default);

        Assert.Equal(["red green | blue", "red green blue | black"], seen.Lines);
    }

    [Fact]
    public async Task Fetching_folds_the_stream_and_tells_the_version_to_expect()
    {
        var stream = await log.Append("red", "green");
        await using var session = await log.Store.OpenSession(default);

        var fetched = await session.FetchForWriting<string, CompanyRegistered>(stream, "", (state, fact) => $"{state} {fact.Name}", default);

        Assert.Equal((" red green", 2), (fetched.State, fetched.Version));
        var facts = await log.Read(stream);
        Assert.Equal((facts[0].RecordedAt, facts[1].RecordedAt), (fetched.FirstRecordedAt, fetched.LastRecordedAt));
        session.Append(stream, fetched.Version, [EmptyLog.Named("blue")], EmptyLog.Meta);
        Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
    }

    [Fact]
    public async Task An_unknown_stream_is_fetched_as_its_initial_state()
    {
        await using var session = await log.Store.OpenSession(default);

        Assert.Equal(
            new FetchedStream<string>("nothing", 0, null, null),
            await session.FetchForWriting<string, CompanyRegistered>(Guid.CreateVersion7(), "nothing", (_, f) => f.Name, default));
    }

    private sealed class Earlier : IInlineProjection
    {
        public List<string> Lines { get; } = [];

        public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch) =>
            Lines.Add($"{string.Join(' ', earlier.Select(EmptyLog.NameOf))} | {EmptyLog.NameOf(fact)}");
    }

    private sealed class Colours : IInlineProjection
    {
        public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
        {
            var command = new NpgsqlBatchCommand("insert into colours (name, seen_at) values ($1, $2)");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = EmptyLog.NameOf(fact) });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = fact.RecordedAt });
            batch.BatchCommands.Add(command);
        }
    }
}
