using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Domain.Signing;
using Webhooks.Domain.Tests;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

/// <summary>What the kit's README shows compiles, and does what it says.</summary>
public sealed partial class ReadmeTests
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public void What_is_shown_is_compiled()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "src/Webhooks.Receiver/README.md"));
        var compiled = OnOneLine(File.ReadAllText(Path.Combine(Repository.Root, "tests/Webhooks.Receiver.Tests/Readme.cs")));
        var blocks = Block().Matches(readme).Select(m => m.Groups["code"].Value).ToArray();
        var phrases = Item().Matches(Block().Replace(readme, "")).SelectMany(m => Code().Matches(m.Value)).Select(m => m.Groups["code"].Value).Where(c => c.Contains('(', StringComparison.Ordinal)).ToArray();

        Assert.Equal((2, 6), (blocks.Length, phrases.Length));
        Assert.All(blocks.Concat(phrases), code => Assert.Contains(OnOneLine(code), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_route_hands_on_genuine_orders()
    {
        var orders = new Readme.Orders();
        await using var app = await Start(a => Readme.MapOrders(a, Secret), orders);

        Assert.Equal(HttpStatusCode.OK, await Send(app, "/hooks/orders", Sign("standard", Now, Secret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Send(app, "/hooks/orders", Sign("standard", Now, OtherSecret)));
        Assert.Equal(("order.paid", new Readme.Order(17)), Assert.Single(orders.Applied));
    }

    [Fact]
    public async Task A_route_of_many_customers_judges_by_the_key_of_each()
    {
        await using var app = await Start(a => Readme.MapCustomers(a, new("acme", Secret), (_, _) => Task.CompletedTask), new());

        Assert.Equal(HttpStatusCode.OK, await Send(app, "/hooks/acme", Sign("standard", Now, Secret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Send(app, "/hooks/acme", Sign("standard", Now, OtherSecret)));
        Assert.Equal(HttpStatusCode.NotFound, await Send(app, "/hooks/other", Sign("standard", Now, Secret)));
    }

    [Fact]
    public void The_verifiers_do_what_is_said_of_them()
    {
        Assert.All([Secret, OtherSecret], key => Assert.True(Sign("standard", SentAt, key).VerifyWith(Readme.Rotating(OtherSecret, Secret), SentAt).IsGenuine));
        Assert.All(["streem", "standard"], scheme => Assert.True(Sign(scheme, SentAt, Secret).VerifyWith(Readme.Moving(Secret, Secret), SentAt).IsGenuine));

        var (sent, stricter) = (Sign("standard", SentAt, Secret), Readme.Stricter(WebhookVerifier.Standard(Secret)));
        Assert.True(sent.VerifyWith(stricter, SentAt.AddSeconds(50)).IsGenuine);
        Assert.Equal(WebhookFault.TooOld, sent.VerifyWith(stricter, SentAt.AddSeconds(70)).Fault);
        Assert.True(Readme.WithoutRoutes(WebhookVerifier.Standard(Secret), sent.HeaderDictionary, sent.Content, SentAt).IsGenuine);
        Assert.NotNull(Readme.WithReplayCache.ReplayCache);
    }

    [Fact]
    public void A_signature_of_ones_own_is_described_by_both_sides()
    {
        var sent = Sign(
            new Domain.Signing.CustomSignature("X-Acme-Signature", "{{timestamp}}.{{body}}") { Headers = new TemplateHeader[] { new("X-Acme-Time", "{{timestamp}}") } },
            "a key of theirs");
        var verifier = WebhookVerifier.Custom(Readme.Acme, "a key of theirs");

        Assert.True(sent.VerifyWith(verifier, SentAt).IsGenuine);
        Assert.Equal(WebhookFault.TooOld, sent.VerifyWith(verifier, SentAt.AddMinutes(6)).Fault);
    }

    private static async Task<WebApplication> Start(Action<WebApplication> map, Readme.Orders orders)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore().AddSingleton(orders);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        var app = builder.Build();
        app.UseRouting();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<HttpStatusCode> Send(WebApplication app, string path, Sent sent)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await client.SendAsync(ReceivingApp.Request(sent, new Uri(new Uri(app.Urls.First()), path)), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static string OnOneLine(string code) => Space().Replace(code, " ").Trim();

    [GeneratedRegex(@"^ *```csharp\n(?<code>[\s\S]*?)^ *```$", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^- .*$", RegexOptions.Multiline)]
    private static partial Regex Item();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
