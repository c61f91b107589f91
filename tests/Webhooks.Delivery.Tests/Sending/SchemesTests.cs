using System.Security.Cryptography;
using System.Text;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>What receivers of other methods and schemes get, on real HTTP.</summary>
public sealed class SchemesTests(Installation installation) : OneNode(installation)
{
    [Fact]
    public async Task A_get_webhook_gets_no_body_and_signs_its_query()
    {
        var company = NewCompany();
        await Installation.Register(new Uri(Receiver.Url + "?a=1&b=%20x"), c => c with { Method = "GET" }, company);
        await Accepted("""{"secret":"payload"}""", company: company);
        await Receiver.HasReceived(1);
        var received = Assert.Single(Receiver.Requests);
        Assert.Empty(received.Body);
        var signed = Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.a=1&b=%20x");
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Installation.Secret["whsec_".Length..]), signed)), received.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_streem_webhook_gets_the_vendors_body_and_headers()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, c => c with { SignatureScheme = SignatureScheme.Streem }, company);
        await Accepted("""{ "a" : 1.0 }""", "group_reservation_updated", company);
        await Receiver.HasReceived(1);
        var received = Assert.Single(Receiver.Requests);
        var sentAt = received.Headers["Streem-Sent-At"];
        Assert.Equal("{\"sent_at\":\"" + sentAt + "\",\"event\":{\"event_type\":\"group_reservation_updated\",\"payload\":{\"a\":1}}}", Encoding.UTF8.GetString(received.Body));
        Assert.Equal("Streem-Sent-At", received.Headers["Streem-Signature-Headers"]);
        var signed = $"Streem-Sent-At={sentAt};{Encoding.UTF8.GetString(received.Body)}";
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Installation.Secret), Encoding.UTF8.GetBytes(signed))), received.Headers["Streem-Signature"]);
    }

    [Fact]
    public async Task A_getstream_webhook_is_told_which_attempt_it_is_under_one_id()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, c => c with { SignatureScheme = SignatureScheme.GetStream, ApiKey = "app-7" }, company);
        Receiver.Answer = r => Task.FromResult(r.Attempt == 1 ? 500 : 200);
        await Accepted("""{ "type" : "message.new" }""", company: company);
        await Receiver.HasReceived(2);
        var received = Receiver.Requests.ToList();
        Assert.Equal(["1", "2"], received.Select(r => r.Headers["X-WEBHOOK-ATTEMPT"]));
        Assert.Equal([received[0].Id], received.Select(r => r.Headers["X-WEBHOOK-ID"]).Distinct());
        Assert.Equal("""{ "type" : "message.new" }""", Encoding.UTF8.GetString(received[0].Body));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Installation.Secret), received[0].Body));
        Assert.All(received, r => Assert.Equal(("app-7", signature), (r.Headers["X-API-KEY"], r.Headers["X-SIGNATURE"])));
    }
}
