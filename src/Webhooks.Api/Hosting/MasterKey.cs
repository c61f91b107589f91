using System.Security.Cryptography;

namespace Webhooks.Api.Hosting;

/// <summary>The key under which signing secrets and custom headers are sealed.</summary>
public static class MasterKey
{
    public const int Length = 32;
    private const string FileName = "master.key";

    /// <summary>Null when the text is not 32 bytes in base64 or hex.</summary>
    public static byte[]? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        if (trimmed.Length == Length * 2 && trimmed.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(trimmed);
        }

        Span<byte> bytes = stackalloc byte[Length + 3];
        return trimmed.Length <= 44 && Convert.TryFromBase64String(trimmed.PadRight(44, '='), bytes, out var length) && length == Length ? bytes[..Length].ToArray() : null;
    }

    /// <summary>The configured key, or the one of the data directory, generated when there is none yet.</summary>
    /// <exception cref="StartupException">The file can't be read, or holds no key.</exception>
    public static byte[] Load(WebhooksOptions options, TextWriter notices)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(notices);
        if (options.MasterKey is { } given)
        {
            return Parse(given) ?? throw new StartupException("Webhooks:MasterKey is no key.");
        }

        var path = Path.GetFullPath(Path.Combine(options.DataDirectory, FileName));
        try
        {
            Directory.CreateDirectory(options.DataDirectory);
            if (!File.Exists(path))
            {
                Generate(path);
                notices.WriteLine($"Generated the master key {path}: keep a copy, signing secrets can't be read without it.");
            }

            return Parse(File.ReadAllText(path)) ?? throw new StartupException($"{path} holds no master key of 32 bytes in base64; put the right file back.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data directory {Path.GetFullPath(options.DataDirectory)} can't be written ({e.Message.TrimEnd('.')}); set Webhooks__DataDirectory to a folder that this user may write.", e);
        }
    }

    /// <summary>Written aside and moved into place: a start that is interrupted leaves no half key.</summary>
    private static void Generate(string path)
    {
        var unfinished = $"{path}.{Environment.ProcessId}";
        using (var file = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: false);
    }
}
