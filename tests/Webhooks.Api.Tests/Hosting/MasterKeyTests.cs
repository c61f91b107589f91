using Webhooks.Api.Hosting;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Hosting;

public sealed class MasterKeyTests : IDisposable
{
    private readonly string _folder = TemporaryFolder.Create();
    private readonly StringWriter _notices = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_is_generated_once_readable_by_its_owner_alone()
    {
        var options = new WebhooksOptions { DataDirectory = Path.Combine(_folder, "data") };
        var first = MasterKey.Load(options, _notices);
        var file = Path.Combine(options.DataDirectory, "master.key");

        Assert.Equal(32, first.Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains(file, _notices.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(first), _notices.ToString(), StringComparison.Ordinal);

        _notices.GetStringBuilder().Clear();
        Assert.Equal(first, MasterKey.Load(options, _notices));
        Assert.Equal("", _notices.ToString());
    }

    [Fact]
    public void A_file_that_holds_no_key_is_not_written_over()
    {
        var file = Path.Combine(_folder, "master.key");
        File.WriteAllText(file, "half a k");

        Assert.Throws<StartupException>(() => MasterKey.Load(new WebhooksOptions { DataDirectory = _folder }, _notices));
        Assert.Equal("half a k", File.ReadAllText(file));
    }

    [Fact]
    public void A_configured_key_touches_no_file()
    {
        var folder = Path.Combine(_folder, "absent");
        Assert.Equal(new byte[32], MasterKey.Load(new WebhooksOptions { DataDirectory = folder, MasterKey = new string('0', 64) }, _notices));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true)]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", true)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f", true)]
    [InlineData("", false)]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gAAAA", false)]
    [InlineData("zz0102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f", false)]
    public void A_key_is_32_bytes_in_base64_or_hex(string text, bool valid)
    {
        var key = MasterKey.Parse(text);
        Assert.Equal(valid, key is not null);
        Assert.Equal(valid ? Enumerable.Range(0, 32).Select(i => (byte)i) : null, key);
    }
}
