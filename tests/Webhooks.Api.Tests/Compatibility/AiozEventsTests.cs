using Webhooks.Api.Compatibility.Aioz;

namespace Webhooks.Api.Tests.Compatibility;

public sealed class AiozEventsTests
{
    [Theory]
    [InlineData("file.received", "encoding_started", "file.received encoding.started")]
    [InlineData("file.received encoding.started", "-file_received", "encoding.started")]
    [InlineData("file.received", "file_received", "file.received")]
    [InlineData("encoding.*", "encoding_failed", "encoding.*")]
    [InlineData("encoding.*", "-encoding_failed", "encoding.started encoding.finished")]
    [InlineData("encoding.* order.paid webhook.*", "file_received", "file.received encoding.started encoding.finished encoding.failed order.paid webhook.*")]
    [InlineData("", "-file_received", "encoding.started partial.finished encoding.finished encoding.failed")]
    [InlineData("", "file_received", "")]
    [InlineData("file.received order.paid", "-file_received", null)]
    public void Flags_become_event_types_and_move_nothing_else(string present, string flag, string? expected)
    {
        var flags = new Dictionary<string, bool> { [flag.TrimStart('-')] = !flag.StartsWith('-') };
        var types = AiozEvents.With(present.Split(' ', StringSplitOptions.RemoveEmptyEntries), flags);
        Assert.Equal(expected, types is null ? null : string.Join(' ', types));
    }
}
