using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>How a send went.</summary>
/// <param name="StatusCode">Null when no complete response head came. May stand beside a failure: the body broke off or took too long.</param>
/// <param name="Failure">Null for a success: a status of 200–299 whose body was read to its end, or to the cap.</param>
/// <param name="Detail">One sentence on the failure. Coarse on purpose: it names no address and tells a closed port from no host to nobody.</param>
/// <param name="ResponseHeaders">At most 64 headers and 4 KiB; printable ASCII; credentials replaced by <c>[redacted]</c>.</param>
/// <param name="ResponseBody">The first bytes of the body, at most <see cref="EgressOptions.MaxStoredResponseBytes"/>.</param>
/// <param name="ResponseTruncated">The body was longer than what is kept of it.</param>
/// <param name="Duration">From before the name was resolved to the last byte read, or to the failure.</param>
public sealed record SendResult(
    int? StatusCode,
    FailureClass? Failure,
    string? Detail,
    Header[] ResponseHeaders,
    byte[] ResponseBody,
    bool ResponseTruncated,
    TimeSpan Duration);
