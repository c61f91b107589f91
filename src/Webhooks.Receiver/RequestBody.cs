using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Receiver;

/// <summary>The body as it was signed: unpacked, and no larger than allowed.</summary>
internal static class RequestBody
{
    private const int ChunkBytes = 16 * 1024;

    /// <returns>The body; or null, and the status to answer with.</returns>
    public static async Task<(byte[]? Body, int Refusal)> Read(HttpRequest request, int maxBytes, CancellationToken ct)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        var isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        if (!isGzip && encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return (null, StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.ContentLength > maxBytes && !isGzip)
        {
            return (null, StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            await using var unpacked = isGzip ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
            return await Read(unpacked ?? request.Body, maxBytes, ct) switch
            {
                null => (null, StatusCodes.Status413PayloadTooLarge),
                // Signed is the query string: nobody vouches for this.
                { Length: > 0 } when HttpMethods.IsGet(request.Method) => (null, StatusCodes.Status400BadRequest),
                var body => (body, 0),
            };
        }
        catch (InvalidDataException)
        {
            return (null, StatusCodes.Status400BadRequest);
        }
    }

    /// <summary>Ends as soon as it is too much: what packs a gigabyte into a kilobyte is not unpacked.</summary>
    private static async Task<byte[]?> Read(Stream stream, int maxBytes, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (await stream.ReadAsync(chunk, ct) is var length and > 0)
        {
            if (body.Length + length > maxBytes)
            {
                return null;
            }

            body.Write(chunk, 0, length);
        }

        return body.ToArray();
    }
}
