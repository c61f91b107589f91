using System.Text.Json;
using System.Text.RegularExpressions;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

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

    [Fact]
    public void Every_custom_signature_can_be_had()
    {
        var examples = CustomRow().Matches(Text).Select(m => m.Groups["json"].Value).ToList();
        Assert.Equal(3, examples.Count);
        Assert.All(examples, json =>
        {
            var custom = JsonSerializer.Deserialize(json, FactJson.Instance.CustomSignature);
            Assert.Null(SignatureRules.Refuse([new(SignatureScheme.Custom) { Custom = custom }], [], "signatures"));
        });
    }

    private static string Name<T>(T value) where T : struct, Enum => JsonSerializer.Serialize(value).Trim('"');

    private static T Parse<T>(string name) where T : struct, Enum => JsonSerializer.Deserialize<T>($"\"{name}\"");

    [GeneratedRegex(@"^\| `(?<profile>\w+)` \| `(?<scheme>\w+)` \| `(?<framing>\w+)` \| (preset `(?<preset>\w+)`)?[^|]* \| (?<timeout>[^|]+) \| (?<attempts>\d+) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ProfileRow();

    [GeneratedRegex(@"^\| [A-Z][^|]* \| `(?<json>\{.*\})` \|$", RegexOptions.Multiline)]
    private static partial Regex CustomRow();
}
