namespace Webhooks.Receiver.Schemes;

/// <summary>Stripe: <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;[,v1=&lt;hex&gt;]</c>, signed is <c>{t}.{content}</c>; unknown names are passed over.</summary>
internal sealed class StripeScheme : Scheme
{
    public override string SignatureHeader => "Stripe-Signature";

    public override SignedRequest Read(HeaderReader headers)
    {
        var pairs = headers.Pairs(SignatureHeader);
        var time = pairs.Find(p => p.Name == "t").Value ?? "";
        return new(() => $"{time}.", HeaderReader.Hmacs(pairs.Where(p => p.Name == "v1").Select(p => p.Value)))
        {
            Id = headers.Optional("webhook-id"),
            SentAt = headers.UnixTime(time, SignatureHeader),
            TimeHeader = SignatureHeader,
        };
    }
}
