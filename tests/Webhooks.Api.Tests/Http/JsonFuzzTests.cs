using System.Text;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Tests.Http;

public sealed class JsonFuzzTests(RunningService service) : IClassFixture<RunningService>
{
    private const int Seed = 20260131;
    private const string Body = """{"code":"acme","name":"Acmé \u00fc Ltd","count":12.5e3,"headers":[{"name":"a","value":null,"on":true}],"scopes":["emit","read"],"payload":{"a":[1,{"b":"\ud83d\ude00"}]}}""";

    [Fact]
    public void However_a_body_is_broken_it_is_read_or_refused()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 50_000; i++)
        {
            var body = Mutate(random, Encoding.UTF8.GetBytes(Body));
            try
            {
                ReadAll(body);
            }
            catch (ProblemException e)
            {
                Assert.InRange(e.Problem.Status, 400, 422);
            }
        }
    }

    [Fact]
    public async Task However_a_command_is_broken_the_service_never_fails()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 500; i++)
        {
            using var content = new ByteArrayContent(Mutate(random, Encoding.UTF8.GetBytes($$"""{"code":"fuzz-{{i}}","name":"Acmé \u00fc Ltd"}""")));
            content.Headers.ContentType = new("application/json");
            var answer = await service.Send(HttpMethod.Post, "/v1/companies", content, RunningService.Admin);

            Assert.True(answer.Status is 201 or 400 or 409 or 415 or 422, $"{answer.Status}: {answer.Text}");
        }
    }

    private static void ReadAll(byte[] body)
    {
        var fields = Fields.Of(JsonValue.Parse(body));
        fields.String("code", 1, 64);
        fields.String("name", 1, 200);
        fields.Number("count", 0, 1e6);
        fields.Enums<Scopes>("scopes", 4);
        fields.OptionalSid<CompanyId>("company_sid");
        var raw = fields.RawValue("payload");
        foreach (var header in fields.Objects("headers", 10))
        {
            header.String("name", 1, 10);
            header.OptionalString("value", 1, 10);
            header.OptionalBoolean("on");
        }

        fields.Done();

        // What is passed on is JSON by itself.
        JsonValue.Parse(raw);
    }

    private static byte[] Mutate(Random random, byte[] body)
    {
        var bytes = body.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, "{}[]\":,\\0u-.eE \n"u8[random.Next(16)]);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.Slice(at, random.Next(Math.Min(20, bytes.Count - at))));
                    break;
            }

            if (bytes.Count == 0)
            {
                bytes.Add((byte)'{');
            }
        }

        return [.. bytes];
    }
}
