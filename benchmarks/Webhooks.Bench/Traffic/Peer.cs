using System.Net.Sockets;

namespace Webhooks.Bench.Traffic;

/// <summary>One keep-alive connection and what has come over it of the message that is being received.</summary>
internal sealed class Peer(Socket socket)
{
    private byte[] _buffer = new byte[4096];
    private int _length;

    public Socket Socket => socket;
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(0, _length);

    /// <summary>Takes what is there; to be called when there is something.</summary>
    /// <returns>False when the other side is gone.</returns>
    public bool Receive()
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _length * 2);
        }

        var read = socket.Receive(_buffer.AsSpan(_length), SocketFlags.None, out var error);
        _length += read;
        return read > 0 && error == SocketError.Success;
    }

    public void Clear() => _length = 0;

    /// <returns>False when the other side is gone.</returns>
    public bool Send(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            message = message[socket.Send(message, SocketFlags.None, out var error)..];
            if (error != SocketError.Success)
            {
                return false;
            }
        }

        return true;
    }
}
