using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Domain.Tests;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

/// <summary>What docs/verify.md shows works: its programs are run and sent requests of the service's signer.</summary>
public sealed class PageTests
{
    public static TheoryData<string, string> Receivers => [.. from language in PageReceiver.Languages from scheme in SchemeNames select (language, scheme)];

    public static TheoryData<string> WithPublicKeys => [.. PageReceiver.Languages];

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task A_receiver_of_the_page_tells_genuine_requests_from_others(string language, string scheme)
    {
        await using var receiver = await PageReceiver.Start(language, scheme, OtherSecret, Secret);

        Assert.True(await receiver.Accepts(() => Sign(scheme, Now, Secret)), "The old key.");
        Assert.True(await receiver.Accepts(() => Sign(scheme, Now, OtherSecret)), "The new key.");
        Assert.True(await receiver.Accepts(() => Sign(scheme, Now, OtherSecret, Secret)), "Both keys.");
        Assert.True(await receiver.Accepts(() => Sign(scheme, Now, Secret), "", Gzip(Body)), "A packed body.");
        Assert.True(await receiver.Accepts(() => Get(scheme, Now, "page=2&q=%C3%B6", Secret), "?page=2&q=%C3%B6"), "A query string.");

        Assert.True(await receiver.Accepts(() => Get(scheme, Now, "?page=2?", Secret), "??page=2?"), "A query string with question marks of its own.");

        Assert.False(await receiver.Accepts(Sign(scheme, Now, "whsec_" + Convert.ToBase64String(new byte[32]))), "A key of somebody else.");
        Assert.False(await receiver.Accepts(Sign(scheme, Now, Secret) with { Content = [.. Body, 32] }), "A body that is longer.");
        Assert.False(await receiver.Accepts(Get(scheme, Now, "page=2", Secret), "?page=3"), "Another query string.");
        Assert.False(await receiver.Accepts(new Sent("POST", [], Body)), "No headers.");
        Assert.False(await receiver.Accepts(new Sent("GET", [], [])), "Nothing at all.");

        Assert.Equal(400, await receiver.Answer(Get(scheme, Now, "page=2", Secret), "?page=2", Body, packing: null));
        Assert.True(await receiver.Answer(Sign(scheme, Now, Secret), "", Gzip(Body)[..^20]) is 400 or 401, "A packed body that breaks off.");

        await JudgesTimes(receiver, scheme);
        await TakesFewSignedHeaders(receiver, scheme);
        await StandsWhateverHeadersHold(receiver, scheme);
    }

    private static async Task JudgesTimes(PageReceiver receiver, string scheme)
    {
        var isTimed = scheme is not ("getstream" or "github" or "shopify");
        var tooFar = scheme == "streem" ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(310);

        Assert.Equal(!isTimed, await receiver.Accepts(Sign(scheme, Now - tooFar, Secret)));

        // What passes on the way brings it nearer.
        Assert.Equal(!isTimed, await receiver.Accepts(Sign(scheme, Now + tooFar + TimeSpan.FromMinutes(1), Secret)));
    }

    private static async Task TakesFewSignedHeaders(PageReceiver receiver, string scheme)
    {
        static IEnumerable<string> Different(int count) => Enumerable.Range(0, count).Select(i => $"X-Own-{i}");
        var isNamed = scheme is "streem" or "hook0";

        Assert.True(await receiver.Accepts(() => SignHeaders(scheme, Now, Different(HeaderRules.MaxHeaders))), "As many headers as a webhook may have.");
        Assert.Equal(!isNamed, await receiver.Accepts(SignHeaders(scheme, Now, Different(64))));
        Assert.Equal(!isNamed, await receiver.Accepts(SignHeaders(scheme, Now, "X-Region", "x-region")));
    }

    private static async Task StandsWhateverHeadersHold(PageReceiver receiver, string scheme)
    {
        var sent = Sign(scheme, Now, Secret);
        var header = sent.VerifyWith(Verifier(scheme, "whsec_" + Convert.ToBase64String(new byte[32])), Now).Header!;

        foreach (var value in new[] { "x", ",", "=", "v1", "v1,", "v1a,AA==", "t=,v1=", "t=1,v1=zz", "t=99999999999999999999,v1=00", "sha256=", new string('0', 64), new string('a', 7000) })
        {
            Assert.False(await receiver.Accepts(sent.With(header, value)), value);
        }

        Assert.True(await receiver.Accepts(() => Sign(scheme, Now, Secret)), "A genuine one after all these.");
    }

    [Theory]
    [MemberData(nameof(WithPublicKeys))]
    public async Task A_receiver_of_the_page_says_so_where_it_closes_a_connection(string language)
    {
        await using var receiver = await PageReceiver.Start(language, "standard", Secret);

        foreach (var body in new[] { "Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" })
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(receiver.Address.Host, receiver.Address.Port, TestContext.Current.CancellationToken);

            var answer = await Answer(connection, body);
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            if (!answer.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase))
            {
                Assert.StartsWith("HTTP/1.1 400 ", await Answer(connection, body), StringComparison.Ordinal);
            }
        }

        static async Task<string> Answer(TcpClient connection, string body)
        {
            var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /?page=2 HTTP/1.1\r\nHost: receiver\r\n{body}"), TestContext.Current.CancellationToken);
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, TestContext.Current.CancellationToken) == 1)
            {
                head.Append((char)one[0]);
            }

            return head.ToString();
        }
    }

    [Theory]
    [MemberData(nameof(WithPublicKeys))]
    public async Task A_receiver_of_the_page_needs_no_secret_where_key_pairs_sign(string language)
    {
        if (language == "Python")
        {
            await Tool.RequirePython("cryptography");
        }

        var (pair, other) = (SigningSecret.KeyPairFromRandom(Enumerable.Repeat((byte)1, 32).ToArray()), SigningSecret.KeyPairFromRandom(Enumerable.Repeat((byte)2, 32).ToArray()));
        await using var receiver = await PageReceiver.Start(language, "standard", SigningSecret.PublicKeyOf(pair));

        Assert.True(await receiver.Accepts(SignWithKeyPair(Now, pair)));
        Assert.True(await receiver.Accepts(SignWithKeyPair(Now, other, pair)));
        Assert.False(await receiver.Accepts(SignWithKeyPair(Now, other)));
        Assert.False(await receiver.Accepts(SignWithKeyPair(Now, pair) with { Content = [.. Body, 32] }));
        Assert.False(await receiver.Accepts(Sign("standard", Now, Secret)));
        foreach (var signature in new[] { "", "v1a", "v1a,", "v1a,AA==", "v1a,=", "v1a,!", "v1a," + new string('A', 88), "v1a,a v1a,b" })
        {
            Assert.False(await receiver.Accepts(SignWithKeyPair(Now, pair).With("webhook-signature", signature)), signature);
        }

        Assert.True(await receiver.Accepts(SignWithKeyPair(Now, pair)), "A genuine one after all these.");
    }

    [Fact]
    public async Task The_application_of_the_page_is_the_sample() => Assert.Equal(
        await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples/Webhooks.Sample.Receiver/Program.cs"), TestContext.Current.CancellationToken),
        await File.ReadAllTextAsync(Path.Combine(Page.Files.Value, "Program.cs"), TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_script_that_sends_is_believed()
    {
        Tool.Require("openssl");
        Tool.Require("curl");
        await using var receiver = await ReceivingApp.Start(WebhookVerifier.Standard(Secret), time: TimeProvider.System);
        await File.WriteAllBytesAsync(Path.Combine(Page.Files.Value, "sent.json"), Body, TestContext.Current.CancellationToken);

        Assert.Equal((0, "200"), await Tool.Run("sh", ["send.sh", receiver.Address.ToString(), "sent.json"], new() { ["KEY"] = Secret }));
        Assert.Equal((0, "401"), await Tool.Run("sh", ["send.sh", receiver.Address.ToString(), "sent.json"], new() { ["KEY"] = OtherSecret }));
        Assert.Equal(Body, Assert.Single(receiver.Received).Body.ToArray());
    }

    [Fact]
    public async Task The_script_that_checks_tells_a_genuine_request()
    {
        Tool.Require("openssl");
        var sent = Sign("standard", SentAt, OtherSecret, Secret);
        var headers = string.Concat(sent.Headers.Select(h => $"{(h.Name == "webhook-id" ? "Webhook-Id" : h.Name)}: {h.Value}\r\n"));
        await File.WriteAllTextAsync(Path.Combine(Page.Files.Value, "headers.txt"), headers, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(Page.Files.Value, "captured.json"), Body, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(Page.Files.Value, "changed.json"), [.. Body, 32], TestContext.Current.CancellationToken);

        Assert.Equal((0, "genuine"), await Check("captured.json"));
        Assert.Equal(1, (await Check("changed.json")).ExitCode);

        Task<(int ExitCode, string Said)> Check(string body) => Tool.Run("sh", ["check.sh", "headers.txt", body], new() { ["KEY"] = Secret });
    }

    [Fact]
    public async Task The_line_for_bodies_gives_the_signature_of_one()
    {
        Tool.Require("openssl");
        await File.WriteAllBytesAsync(Path.Combine(Page.Files.Value, "body.json"), Body, TestContext.Current.CancellationToken);

        Assert.Equal((0, Sign("getstream", SentAt, Secret).Value("X-SIGNATURE")), await Tool.Run("sh", ["body.sh"], new() { ["KEY"] = Secret }));
    }

    [Fact]
    public async Task The_examples_are_genuine()
    {
        using var examples = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Page.Files.Value, "examples.json"), TestContext.Current.CancellationToken));
        var root = examples.RootElement;
        string Text(string name) => root.GetProperty(name).GetString()!;
        var schemes = root.GetProperty("headers").EnumerateObject().ToArray();

        Assert.Equal(SchemeNames.Order(), schemes.Select(s => s.Name).Order());
        Assert.All(schemes, scheme => Assert.True(Verify(scheme.Value, Verifier(scheme.Name, Text("secret"))).IsGenuine, scheme.Name));
        Assert.True(Verify(root.GetProperty("headers").GetProperty("standard"), WebhookVerifier.Standard(Text("public_key"))).IsGenuine);

        Verification Verify(JsonElement headers, WebhookVerifier verifier)
        {
            var all = new HeaderDictionary();
            foreach (var header in headers.EnumerateObject())
            {
                all[header.Name] = header.Value.GetString();
            }

            return verifier.Verify(all, Encoding.UTF8.GetBytes(Text("body")), root.GetProperty("time").GetDateTimeOffset());
        }
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
