namespace Webhooks.Receiver.Schemes;

/// <summary>
/// Hook0: <c>t=&lt;unix seconds&gt;,h=&lt;names&gt;,v1=&lt;hex&gt;</c>, the names separated by spaces. Signed is
/// <c>{t}.{names}.{values}.{content}</c>: the names in lower case as the header has them, the values joined by dots.
/// </summary>
internal sealed class Hook0Scheme : Scheme
{
    public override string SignatureHeader => "X-Hook0-Signature";

    public override SignedRequest Read(HeaderReader headers)
    {
        var pairs = headers.Pairs(SignatureHeader);
        var time = pairs.Find(p => p.Name == "t").Value ?? "";
        var names = (pairs.Find(p => p.Name == "h").Value ?? "").ToLowerInvariant();
        var signed = headers.Names(names, ' ', SignatureHeader);
        return new(() => $"{time}.{names}.{string.Join('.', signed.Select(headers.Text))}.", HeaderReader.Hmacs(pairs.Where(p => p.Name == "v1").Select(p => p.Value)))
        {
            Id = headers.Optional("X-Event-Id"),
            SentAt = headers.UnixTime(time, SignatureHeader),
            TimeHeader = SignatureHeader,
        };
    }
}
