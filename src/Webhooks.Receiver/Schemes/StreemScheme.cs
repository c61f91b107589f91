using System.Globalization;

namespace Webhooks.Receiver.Schemes;

/// <summary>
/// Streem: signed is <c>{Name}={value};</c> for each name in Streem-Signature-Headers, in that order and spelling, and
/// then the content; the list holds hex, separated by commas.
/// </summary>
internal sealed class StreemScheme : Scheme
{
    private const string TimeHeader = "Streem-Sent-At";
    private const string NamesHeader = "Streem-Signature-Headers";

    public override string SignatureHeader => "Streem-Signature";

    public override TimeSpan Tolerance => TimeSpan.FromSeconds(5);

    public override SignedRequest Read(HeaderReader headers)
    {
        var names = headers.Names(headers.Text(NamesHeader), ':', NamesHeader);

        // The list itself is not signed: a time that it leaves out would be anybody's to change.
        if (names is not [var first, ..] || !first.Equals(TimeHeader, StringComparison.OrdinalIgnoreCase))
        {
            headers.Malformed(NamesHeader);
        }

        return new(() => string.Concat(names.Select(name => $"{name}={headers.Text(name)};")), HeaderReader.Hmacs(headers.Text(SignatureHeader).Split(',')))
        {
            Id = headers.Optional("webhook-id"),
            SentAt = SentAt(headers),
            TimeHeader = TimeHeader,
        };
    }

    private static DateTimeOffset? SentAt(HeaderReader headers)
    {
        if (DateTimeOffset.TryParse(headers.Text(TimeHeader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        headers.Malformed(TimeHeader);
        return null;
    }
}
