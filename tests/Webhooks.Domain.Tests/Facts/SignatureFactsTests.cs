using System.Text;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

public sealed class SignatureFactsTests
{
    [Fact]
    public void What_a_webhook_signs_with_stands_in_its_fact_and_comes_back_the_same()
    {
        var fact = new WebhookUpdated(Configuration with
        {
            Profile = WebhookProfile.GetStream,
            SignatureScheme = SignatureScheme.GetStream,
            Signatures = new SignatureSettings[]
            {
                new(SignatureScheme.GetStream),
                new(SignatureScheme.Custom)
                {
                    Custom = new CustomSignature("X-Sig", "{{body}}") { Prefix = "v0=", Separator = ",", Hash = SignatureHash.Sha512, Headers = new TemplateHeader[] { new("X-T", "{{timestamp}}") } },
                },
            },
            BodyFraming = BodyFraming.Payload,
            ApiKey = "app-7",
        });

        var json = FactCatalogue.Serialize(fact);
        Assert.Contains(
            """"profile":"getstream","signatures":[{"scheme":"getstream"},{"scheme":"custom","custom":{"signature_header":"X-Sig","content":"{{body}}","prefix":"v0=","separator":",","hash":"sha512","headers":[{"name":"X-T","value":"{{timestamp}}"}]}}],"body_framing":"payload","api_key":"app-7"""",
            Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.Equal(fact, FactCatalogue.Deserialize("webhook.updated.v1", json));
    }

    [Theory]
    [InlineData(SignatureScheme.Standard, null, BodyFraming.Payload)]
    [InlineData(SignatureScheme.Streem, null, BodyFraming.Streem)]
    [InlineData(SignatureScheme.Streem, BodyFraming.Payload, BodyFraming.Payload)]
    [InlineData(SignatureScheme.GetStream, null, BodyFraming.Payload)]
    public void A_webhook_from_before_framings_were_chosen_keeps_the_one_of_its_scheme(SignatureScheme scheme, BodyFraming? chosen, BodyFraming effective) =>
        Assert.Equal(effective, (Configuration with { SignatureScheme = scheme, BodyFraming = chosen }).Framing);

    [Fact]
    public void What_a_profile_chooses_can_be_sent()
    {
        foreach (var profile in Enum.GetValues<WebhookProfile>())
        {
            var choice = ProfileChoice.Of(profile);
            Assert.Null(choice.RetryPolicy.Refuse("retry_policy"));
            Assert.Null(SignatureRules.Refuse([new(choice.Scheme)], [], "signatures"));
            Assert.InRange(choice.TimeoutMs ?? 100, RetryPolicy.MinTimeoutMs, RetryPolicy.MaxTimeoutMs);
            Assert.True(choice.MaxAttempts >= (choice.RetryPolicy.Resolve().MaxAttempts ?? 1), $"{profile} cuts its own policy short");
        }
    }
}
