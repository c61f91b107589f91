using Webhooks.Api.Tests.Compatibility.GetStream;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>Paths and methods that are not here: a client that can't read the answer would say "undefined", or fail over it.</summary>
public sealed class VendorErrorsTests(Platform platform) : IClassFixture<Platform>
{
    [Theory]
    [InlineData("GET", "/channeltypes/messaging", 404, 16)]
    [InlineData("POST", "/app", 405, 17)]
    [InlineData("GET", "/app/hooks", 404, 16)]
    [InlineData("POST", "/api/v2/users", 404, 16)]
    [InlineData("GET", "/api/v2/check_sqs", 405, 17)]
    public async Task A_client_of_GetStream_reads_the_code_of_what_is_not_here(string method, string path, int status, int code)
    {
        var client = await GetStreamClient.Of(platform);
        var error = (await client.Send(new HttpMethod(method), path, method == "POST" ? "{}" : null)).Expect(status);
        Assert.Equal((code, status), ((int?)error["code"], (int?)error["StatusCode"]));
        Assert.NotEmpty((string)error["message"]!);
    }

    [Theory]
    [InlineData("DELETE", "/api/webhooks", 405, "allowed: GET, POST")]
    [InlineData("GET", "/api/webhooks/check/" + AiozAccount.Unknown, 405, "allowed: POST")]
    [InlineData("GET", "/api/webhooks/" + AiozAccount.Unknown + "/events", 404, "nothing at this path")]
    [InlineData("GET", "/api/media", 404, "nothing at this path")]
    public async Task A_client_of_AIOZ_reads_the_message_of_what_is_not_here(string method, string path, int status, string message)
    {
        var account = await AiozAccount.Of(platform.Service);
        AiozAccount.IsRefused(await platform.Service.Send(new HttpMethod(method), path, (string?)null, account.Authorization), status, message);
    }

    [Fact]
    public async Task Everybody_else_reads_a_problem() => (await platform.Service.Get("/channels")).ExpectProblem(404, "route.not_found");
}
