using Npgsql;
using Webhooks.Chaos.Tests.Ground;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests;

/// <summary>The narrowest window: the receiver has answered, and the outcome is on its way to the log. A lock on the log holds it open.</summary>
public sealed class Killed_between_answer_and_record
{
    private const string Writers = "select pid from pg_locks where relation = 'es.events'::regclass and mode = 'RowExclusiveLock' and not granted";

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task What_was_not_written_is_sent_again_under_the_same_id_and_number(int firstAnswer)
    {
        await using var ground = await Scene.Open();
        await ground.KillWhileWriting(firstAnswer, writtenAfterAll: false);

        await ground.Node.Start();
        await Verdict.Drained(ground.Database.DataSource);

        var arrivals = ground.Receiver.Arrivals.ToList();
        Assert.Equal([(1, 1), (1, 2)], arrivals.Select(a => (a.Attempt, a.Time)));
        Assert.Single(arrivals.Select(a => a.Event).Distinct());
        var ledger = await Ledger.Read(ground.Database.DataSource);
        Verdict.None(ledger.Faults(), "in the end");
        Verdict.None(Verdict.OfDeliveries(ledger, ground.Receiver), "deliveries");
        Assert.Equal([1], ledger.Deliveries.Values.Single().AttemptNumbers);
    }

    /// <summary>The node is dead, and PostgreSQL commits what it had been handed: that is the end of the delivery.</summary>
    [Fact]
    public async Task What_was_written_without_anyone_to_hear_it_is_not_sent_again()
    {
        await using var ground = await Scene.Open();
        await ground.KillWhileWriting(200, writtenAfterAll: true);
        await Verdict.Drained(ground.Database.DataSource);

        await ground.Node.Start();
        var (status, _) = await ground.Platform.Emit(ground.Company, "a", 2, null);
        Assert.Equal(202, status);
        await Verdict.Drained(ground.Database.DataSource);

        Assert.Equal(2, ground.Receiver.Arrivals.Count);
        Assert.Equal(0, ground.Receiver.Duplicates);
        Verdict.None((await Ledger.Read(ground.Database.DataSource)).Faults(), "in the end");
    }

    private sealed class Scene(TestDatabase database, Receiver receiver, Node node, Platform platform, string company) : IAsyncDisposable
    {
        public TestDatabase Database => database;
        public Receiver Receiver => receiver;
        public Node Node => node;
        public Platform Platform => platform;
        public string Company => company;

        public static async Task<Scene> Open()
        {
            var database = await TestDatabase.CreateEmpty();
            var receiver = await Receiver.Start();
            var node = new Node(Settings.Of(TemporaryFolder.Create(), database.ConnectionString));
            await node.Start();
            var platform = new Platform(node);
            var company = await platform.RegisterCompany();
            await platform.RegisterWebhook(company, receiver.Url + "/hook", [], [20]);
            return new Scene(database, receiver, node, platform, company);
        }

        /// <summary>Emits one event; when its receiver has answered and the outcome stands before the log, the node is killed.</summary>
        /// <param name="writtenAfterAll">Whether PostgreSQL still commits the outcome.</param>
        public async Task KillWhileWriting(int firstAnswer, bool writtenAfterAll)
        {
            await using var log = await database.DataSource.OpenConnectionAsync();
            await using var transaction = await log.BeginTransactionAsync();
            receiver.Answer = async arrival =>
            {
                if (arrival.Time > 1)
                {
                    return 200;
                }

                await using var hold = new NpgsqlCommand("lock table es.events in share mode", log, transaction);
                await hold.ExecuteNonQueryAsync();
                return firstAnswer;
            };
            var (status, _) = await platform.Emit(company, "a", 1, null);
            Assert.Equal(202, status);
            var writer = 0;
            await Eventually.Is(async () => (writer = await Writer()) != 0, "the outcome stands before the log");
            await node.Kill();
            if (!writtenAfterAll)
            {
                Assert.True(await Verdict.Scalar<bool>(database.DataSource, $"select pg_terminate_backend({writer}, 60000)"));
            }

            receiver.Answer = _ => Task.FromResult(200);
            await transaction.RollbackAsync();
        }

        public async ValueTask DisposeAsync()
        {
            platform.Dispose();
            await node.DisposeAsync();
            await receiver.DisposeAsync();
            await database.DisposeAsync();
        }

        private async Task<int> Writer()
        {
            await using var command = database.DataSource.CreateCommand(Writers);
            return (int?)await command.ExecuteScalarAsync() ?? 0;
        }
    }
}
