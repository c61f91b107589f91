using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Api.Tests.Http;

public sealed class ProblemTests(RunningService service) : IClassFixture<RunningService>
{
    private readonly RecordingLog _log = new();

    [Fact]
    public async Task An_unknown_path_is_a_problem() => (await service.Get("/v1/nothing")).ExpectProblem(404, "route.not_found");

    [Fact]
    public async Task A_wrong_method_is_a_problem_with_allow()
    {
        var answer = await service.Send(HttpMethod.Put, "/v1/companies", "{}", RunningService.Admin);
        answer.ExpectProblem(405, "method.not_allowed");
        Assert.Equal("GET, POST", answer.Header("Allow"));
    }

    [Fact]
    public async Task Head_gets_no_body()
    {
        var answer = await service.Send(HttpMethod.Head, "/v1/nothing", (string?)null, RunningService.Admin);
        Assert.Equal((404, ""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task An_unexpected_failure_tells_nothing_and_is_logged_once_under_the_request_id()
    {
        var (status, problem) = await Failing(new InvalidOperationException("secret detail"));

        Assert.Equal((500, "/problems/internal"), (status, (string?)problem["type"]));
        Assert.DoesNotContain("secret detail", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains((string)problem["request_id"]!, Assert.Single(_log.Entries).Text, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Error, _log.Entries[0].Level);
    }

    [Fact]
    public async Task A_database_that_is_away_is_a_503_worth_trying_again()
    {
        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Timeout=2");
        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await gone.OpenConnectionAsync());
        foreach (var exception in new Exception[] { failure, new DatabaseUnavailableException(failure) })
        {
            var (status, problem) = await Failing(exception);
            Assert.Equal((503, "/problems/database.unavailable"), (status, (string?)problem["type"]));
        }

        // The loops say once per poll that the database is away; a line per refused request would bury that.
        Assert.All(_log.Entries, e => Assert.Equal(LogLevel.Debug, e.Level));
    }

    [Fact]
    public async Task After_a_change_was_saved_nobody_says_that_nothing_was_changed()
    {
        var (status, problem) = await Failing(new DatabaseUnavailableException(new IOException()), hasSaved: true);
        Assert.Equal((503, "/problems/database.unavailable_after_saving"), (status, (string?)problem["type"]));
    }

    [Fact]
    public async Task An_unknown_outcome_is_said_to_be_unknown()
    {
        var (status, problem) = await Failing(new CommitOutcomeUnknownException(new IOException()));
        Assert.Equal((503, "/problems/database.outcome_unknown"), (status, (string?)problem["type"]));
    }

    [Fact]
    public async Task A_client_that_is_gone_is_no_failure()
    {
        var http = NewContext();
        http.RequestAborted = new CancellationToken(canceled: true);
        await new ProblemMiddleware(_ => throw new OperationCanceledException(), _ => null, _log).InvokeAsync(http);

        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData(RefusalKind.NotFound, 404)]
    [InlineData(RefusalKind.Conflict, 409)]
    [InlineData(RefusalKind.Invalid, 422)]
    public void Each_kind_of_refusal_has_its_status(RefusalKind kind, int status)
    {
        var problem = Problems.Of(new Refusal(kind, "some.code", "Some detail.", "some_field"));
        Assert.Equal((status, "some.code", "Some detail."), (problem.Status, problem.Code, problem.Detail));
        Assert.Equal(new FieldError("some_field", "some.code", "Some detail."), Assert.Single(problem.Errors));
    }

    [Fact]
    public async Task A_request_id_of_the_caller_is_kept()
    {
        var id = Guid.NewGuid();
        Assert.Equal(id.ToString(), (await service.Send(HttpMethod.Get, "/healthz", (string?)null, null, ("Request-Id", id.ToString()))).Header("Request-Id"));
    }

    [Theory]
    [InlineData(null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af76519-16cd-43dd-8448-eb211c80319c")]
    [InlineData("1f0bf0b6-2d32-4a3a-a4b7-3f2f6f6a2f11", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "1f0bf0b6-2d32-4a3a-a4b7-3f2f6f6a2f11")]
    [InlineData("my request", "garbage", null)]
    [InlineData("00000000-0000-0000-0000-000000000000", "00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    public void The_correlation_comes_from_the_request_where_it_has_one(string? requestId, string? traceParent, string? expected) =>
        Assert.Equal(expected, Correlation.Of(requestId, traceParent)?.ToString());

    private async Task<(int Status, JsonNode Problem)> Failing(Exception exception, bool hasSaved = false)
    {
        var http = NewContext();
        http.Call().HasSaved = hasSaved;
        await new ProblemMiddleware(_ => throw exception, _ => null, _log).InvokeAsync(http);
        http.Response.Body.Position = 0;
        return (http.Response.StatusCode, (await JsonNode.ParseAsync(http.Response.Body))!);
    }

    private static DefaultHttpContext NewContext()
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        http.Features.Set(new Call(Guid.NewGuid()));
        return http;
    }

    private sealed class RecordingLog : ILogger<ProblemMiddleware>
    {
        public List<(LogLevel Level, string Text)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception)));
    }
}
