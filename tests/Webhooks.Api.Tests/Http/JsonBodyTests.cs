using System.Text;
using Webhooks.Api.Http;

namespace Webhooks.Api.Tests.Http;

public sealed class JsonBodyTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Path = "/v1/companies";

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/jsonx")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_content_type_other_than_json_in_utf8_is_refused(string? contentType) =>
        (await Send("{}"u8.ToArray(), contentType)).ExpectProblem(415, "content_type.unsupported");

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON; charset=\"UTF-8\"")]
    [InlineData("application/merge-patch+json")]
    public async Task Json_in_utf8_is_taken_whatever_its_spelling(string contentType) =>
        (await Send("{}"u8.ToArray(), contentType)).ExpectProblem(422, "request.invalid");

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        (await service.Send(HttpMethod.Post, Path, content, RunningService.Admin)).ExpectProblem(415, "content_encoding.unsupported");
    }

    [Fact]
    public async Task A_missing_body_is_refused() => (await Send([], "application/json")).ExpectProblem(400, "body.missing");

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task Where_no_field_is_required_no_body_and_null_are_an_empty_object(string body)
    {
        var webhook = (await service.Post("/v1/webhooks", $$"""{"company_sid":"{{await service.GivenCompany()}}","url":"https://hooks.example.com/in"}""")).Expect(201)["webhook"]!;
        (await service.Post($"/v1/webhooks/{(string?)webhook["sid"]}/signing-keys", body)).Expect(201);
        (await service.Post($"/v1/webhooks/{(string?)webhook["sid"]}/~disable", body)).Expect(200);
    }

    [Fact]
    public async Task Where_a_field_is_required_null_is_refused() => (await service.Post(Path, "null")).ExpectProblem(400, "json.not_an_object");

    [Fact]
    public async Task A_body_over_the_limit_is_refused_by_its_announced_length() =>
        (await Send(Encoding.ASCII.GetBytes($$"""{"code":"{{new string('x', JsonBody.MaxCommandBytes)}}"}"""), "application/json")).ExpectProblem(413, "body.too_large");

    [Fact]
    public async Task A_body_over_the_limit_is_refused_also_when_its_length_is_not_announced()
    {
        using var content = new UnannouncedContent(JsonBody.MaxCommandBytes + 1);
        content.Headers.ContentType = new("application/json");
        (await service.Send(HttpMethod.Post, Path, content, RunningService.Admin)).ExpectProblem(413, "body.too_large");
    }

    [Fact]
    public async Task Malformed_json_is_refused_with_its_position()
    {
        var problem = (await service.Post(Path, "{\n  \"code\": acme\n}")).ExpectProblem(400, "json.malformed");
        Assert.Contains("line 2, byte 11", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_of_a_command_is_named()
    {
        var answer = await service.Post(Path, """{"nmae":"x","code":5,"code":6}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(["code field.duplicate", "code field.type", "name field.required", "nmae field.unknown"], answer.Errors);
    }

    private async Task<Answer> Send(byte[] body, string? contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await service.Send(HttpMethod.Post, Path, content, RunningService.Admin);
    }

    private sealed class UnannouncedContent(int length) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            stream.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', length))).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
