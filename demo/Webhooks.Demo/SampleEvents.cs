using System.Globalization;

namespace Webhooks.Demo;

/// <summary>What a platform would emit: one video's way through a transcoder, in the flat form of AIOZ Stream, and a reservation in Streem's.</summary>
internal static class SampleEvents
{
    public const string Received = "file.received";
    public const string Started = "encoding.started";
    public const string Partial = "partial.finished";
    public const string Finished = "encoding.finished";
    public const string Failed = "encoding.failed";
    public const string Reservation = "group_reservation_updated";

    /// <summary>The last one failed, so a platform would not emit it for the same video; the demo shows all five.</summary>
    public static IReadOnlyList<(string Type, object Payload)> All(DateTimeOffset now) =>
    [
        (Received, Media(Received, now, "720p,1080p", "transcoding")),
        (Started, Media(Started, now, "720p,1080p", "transcoding")),
        (Partial, Media(Partial, now, "720p", "transcoding")),
        (Finished, Media(Finished, now, "720p,1080p", "done")),
        (Failed, Media(Failed, now, "2160p", "fail")),
        (Reservation, new
        {
            previous_group_reservation = new { sid = "grp_7", status = "requested", guests = 3 },
            updated_group_reservation = new { sid = "grp_7", status = "accepted", guests = 4 },
        }),
    ];

    private static object Media(string type, DateTimeOffset now, string qualities, string status) => new
    {
        type,
        emitted_at = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        media_id = "0b2f6a4e-5d0c-4f3e-9a35-2f6d7c1b8e90",
        media_type = "video",
        qualities,
        title = "Alpenglühen über Zürich",
        status,
        user_id = "6f1c9d52-8a3b-4c7e-b1d4-90e5a2c3f718",
    };
}
