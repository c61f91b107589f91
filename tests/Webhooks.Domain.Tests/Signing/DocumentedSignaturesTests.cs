using System.Text.Json;
using System.Text.RegularExpressions;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Signing;

/// <summary>docs/signatures.md says what is so.</summary>
public sealed partial class DocumentedSignaturesTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "signatures.md"));

    [Fact]
    public void Every_profile_chooses_what_is_documented()
    {
        var rows = ProfileRow().Matches(Text);
        Assert.Equal(
            Enum.GetValues<WebhookProfile>().Select(p => (Name(p), ProfileChoice.Of(p))).Select(p =>
                $"{p.Item1} {Name(p.Item2.Scheme)} {Name(p.Item2.Framing)} {p.Item2.TimeoutMs?.ToString() ?? "the installation's"} {p.Item2.MaxAttempts}"),
            rows.Select(r => $"{r.Groups["profile"].Value} {r.Groups["scheme"].Value} {r.Groups["framing"].Value} {r.Groups["timeout"].Value} {r.Groups["attempts"].Value}"));
        Assert.All(rows.Where(r => r.Groups["preset"].Success), r =>
            Assert.Equal(r.Groups["preset"].Value, Name(Assert.IsType<PresetRetry>(ProfileChoice.Of(Parse<WebhookProfile>(r.Groups["profile"].Value)).RetryPolicy).Name)));
    }

    [Fact]
    public void Every_scheme_is_documented_with_the_headers_that_it_sets() => Assert.All(Enum.GetValues<SignatureScheme>(), scheme =>
    {
        var row = Text.Split('\n').Single(l => l.StartsWith($"| `{Name(scheme)}` | ", StringComparison.Ordinal) && l.Count(c => c == '|') == 5);
        if (scheme != SignatureScheme.StandardEd25519)
        {
            Assert.All(SignatureRules.HeadersOf(new SignatureSettings(scheme)), name => Assert.Contains($"`{name}", row, StringComparison.Ordinal));
        }
    });

    /// <summary>The values were made with openssl of the body <c>{"order":4711}</c>, with the keys <c>new</c> and <c>old</c>.</summary>
    [Fact]
    public void Every_custom_signature_is_what_its_vendor_sends()
    {
        var sent = CustomRow().Matches(Text).ToDictionary(m => m.Groups["receiver"].Value, m => Sign(m.Groups["json"].Value));
        Assert.Equal(["Convoy, simple", "Convoy, advanced", "Hook0, `v0`", "Outpost", "Outpost until 2025"], sent.Keys);
        Assert.Equal([new("X-Convoy-Signature", "547e2923f80fbdaf82406cac8f0bfc3d59e3af61df48030bd733b797e6fa5d2a")], sent["Convoy, simple"]);
        Assert.Equal(
            [new("X-Convoy-Signature", "t=1767323045,v1=87f8cfc47ff1dc44bad41f497ae4ed3bd8d3d08c3920c95355863807d02680bf,v1=d7bcc1ea39463f1aed14140341c3336ee5ee6fcfd9602e73d6e912cd5942cd63")],
            sent["Convoy, advanced"]);
        Assert.Equal(
            [
                new("x-outpost-event-id", Id<MessageId>(1).ToString()),
                new("x-outpost-topic", "order.paid"),
                new("x-outpost-timestamp", "1767323045"),
                new("x-outpost-signature", "v0=ae271bf25fbeb20a94c34e64d0839f96a29e4a3dfc0c33b7bc4532b0e02a38a2,547e2923f80fbdaf82406cac8f0bfc3d59e3af61df48030bd733b797e6fa5d2a"),
            ],
            sent["Outpost"]);
        Assert.Equal(
            "t=1767323045,v0=821b63c06289def98320113ebe1a5fd737809de50106bb44e4d5e69b981da5ac,7cb4ccf60d251999539ef3cae8ccba76972611457e9f82459f331be8e5f1f335",
            sent["Outpost until 2025"].Value("x-outpost-signature"));
        Assert.Equal("t=1767323045,v0=7cb4ccf60d251999539ef3cae8ccba76972611457e9f82459f331be8e5f1f335", sent["Hook0, `v0`"].Value("X-Hook0-Signature"));
    }

    private static EquatableArray<Header> Sign(string json)
    {
        var custom = JsonSerializer.Deserialize(json, FactJson.Instance.CustomSignature)!;
        Assert.Null(SignatureRules.Refuse([new(SignatureScheme.Custom) { Custom = custom }], [], "signatures"));
        var sentAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        return RequestSigner.Sign(SignatureScheme.Custom, new SigningInput
        {
            MessageId = Id<MessageId>(1).ToString(),
            SentAt = sentAt,
            Content = """{"order":4711}"""u8,
            Event = new ShapedEvent(Id<MessageId>(1), "order.paid", sentAt.AddSeconds(-1), Id<CompanyId>(2), Id<WebhookId>(3), Id<DeliveryId>(4), Attempt: 1, sentAt),
            Keys = SigningData.Keys(SignatureScheme.Custom, "new", "old"),
            Custom = CustomSigner.Of(custom),
        });
    }

    private static string Name<T>(T value) where T : struct, Enum => JsonSerializer.Serialize(value).Trim('"');

    private static T Parse<T>(string name) where T : struct, Enum => JsonSerializer.Deserialize<T>($"\"{name}\"");

    [GeneratedRegex(@"^\| `(?<profile>\w+)` \| `(?<scheme>\w+)` \| `(?<framing>\w+)` \| (preset `(?<preset>\w+)`)?[^|]* \| (?<timeout>[^|]+) \| (?<attempts>\d+) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ProfileRow();

    [GeneratedRegex(@"^\| (?<receiver>[A-Z][^|]*) \| `(?<json>\{.*\})` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CustomRow();
}
