using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>What the answer to SendMessageBatch, which is 200 whatever became of the messages, says of each of them.</summary>
internal static class SqsBatchAnswer
{
    private const int BadRequest = 400;
    private const int ServerError = 500;

    /// <param name="answer">With its whole body.</param>
    /// <returns>By place in the request: each with what the answer says of it alone. What it says nothing of is not taken.</returns>
    public static SendResult[] Read(SendResult answer, int count)
    {
        var unknown = answer with { Failure = FailureClass.Protocol, Detail = $"SQS answered {answer.StatusCode} without a message's id." };
        var results = new SendResult[count];
        Array.Fill(results, unknown);
        try
        {
            using var json = JsonDocument.Parse(answer.ResponseBody);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                Array.Fill(results, unknown with { ResponseBody = [], ResponseTruncated = false });
                foreach (var (place, entry) in Entries(json.RootElement, "Successful", count))
                {
                    results[place] = Of(string.IsNullOrEmpty(ForeignJson.Text(entry, "MessageId")) ? unknown : answer, entry);
                }

                // Last: of one that stands in both lists, nobody has said that it was taken.
                foreach (var (place, entry) in Entries(json.RootElement, "Failed", count))
                {
                    results[place] = Of(Refused(answer, entry), entry);
                }
            }
        }
        catch (JsonException)
        {
            // No answer of SQS. What it is stands with each message, and none was taken.
        }

        return results;
    }

    private static IEnumerable<(int Place, JsonElement Entry)> Entries(JsonElement root, string list, int count) =>
        root.TryGetProperty(list, out var entries) && entries.ValueKind == JsonValueKind.Array
            ? entries.EnumerateArray()
                .Select(e => (Place: int.TryParse(ForeignJson.Text(e, "Id"), NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : count, Entry: e))
                .Where(e => e.Place < count)
            : [];

    private static SendResult Refused(SendResult answer, JsonElement entry)
    {
        var code = AwsAnswers.ShownCode(ForeignJson.Text(entry, "Code"));
        var isOurs = entry.TryGetProperty("SenderFault", out var fault) && fault.ValueKind == JsonValueKind.True;
        return answer with
        {
            Failure = FailureClass.Status,
            StatusCode = AwsAnswers.StatusOf(code, isOurs ? BadRequest : ServerError),
            Detail = $"SQS did not take this message of a batch{(code is null ? "" : $" ({code})")}.",
        };
    }

    private static SendResult Of(SendResult result, JsonElement entry) => result with { ResponseBody = JsonMarshal.GetRawUtf8Value(entry).ToArray() };
}
