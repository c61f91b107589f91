using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Webhooks.Bench.Traffic;

/// <summary>
/// Waits for many sockets on one thread. The runtime's own asynchronous sockets hop threads per message, which on a machine
/// shared with what is measured costs more than the message; and its waits are no finer than a millisecond.
/// </summary>
internal sealed partial class Readiness : IDisposable
{
    private const int MaxEvents = 256;
    private const int Add = 1;
    private const uint Readable = 1;
    private const int Interrupted = 4;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = Size - sizeof(long);

    private readonly byte[] _events = new byte[MaxEvents * Size];
    private readonly byte[] _one = new byte[Size];
    private readonly int _epoll = Check(Create(0));

    public void Watch(Socket socket, int tag)
    {
        MemoryMarshal.Write(_one, Readable);
        MemoryMarshal.Write(_one.AsSpan(DataOffset), (long)tag);
        Check(Control(_epoll, Add, (int)socket.Handle, _one));
    }

    /// <param name="tags">Filled with the tags of the sockets that can be read or were closed.</param>
    /// <returns>How many; 0 after the time-out.</returns>
    public int Wait(Span<int> tags, TimeSpan timeout)
    {
        var ticks = Math.Max(0, timeout.Ticks);
        var wait = new Timespec(ticks / TimeSpan.TicksPerSecond, ticks % TimeSpan.TicksPerSecond * 100);
        var count = Wait(_epoll, _events, Math.Clamp(tags.Length, 1, MaxEvents), in wait, 0);
        if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            return 0;
        }

        Check(count);
        for (var i = 0; i < Math.Min(count, tags.Length); i++)
        {
            tags[i] = (int)MemoryMarshal.Read<long>(_events.AsSpan((i * Size) + DataOffset));
        }

        return count;
    }

    public void Dispose() => Check(Close(_epoll));

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"epoll: {Marshal.GetLastPInvokeErrorMessage()}");

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int epoll, int operation, int descriptor, byte[] what);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(int epoll, [Out] byte[] events, int max, in Timespec timeout, nint signals);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
