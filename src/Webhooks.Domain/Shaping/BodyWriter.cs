using System.Buffers;

namespace Webhooks.Domain.Shaping;

/// <summary>Takes the body of a request up to the size that one may have, so that no shape makes a flood of a small payload.</summary>
internal sealed class BodyWriter(int maxBytes, int sizeHint) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _bytes = new(Math.Max(1, Math.Min(maxBytes, sizeHint)));

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <exception cref="BodyTooLargeException">It does not fit; nothing was written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RefuseBeyond(bytes.Length);
        _bytes.Write(bytes);
    }

    /// <exception cref="BodyTooLargeException">It does not fit.</exception>
    public void Advance(int count)
    {
        RefuseBeyond(count);
        _bytes.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.GetSpan(sizeHint);

    private void RefuseBeyond(int count)
    {
        if (count > maxBytes - _bytes.WrittenCount)
        {
            throw new BodyTooLargeException(maxBytes);
        }
    }
}

/// <summary>A shape or a framing makes more of a payload than is sent.</summary>
public sealed class BodyTooLargeException(int maxBytes) : Exception($"The shaped body would have more than {maxBytes} bytes.")
{
    public int MaxBytes { get; } = maxBytes;
}
