using System.Net;
using System.Net.Sockets;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public class GuardTests
{
    private const string OkAndClose = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:0:7f00:1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2606:4700::5efe:7f00:1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    public async Task A_name_of_a_forbidden_address_is_not_dialled(string address)
    {
        using var client = Sends.ClientResolving(() => [IPAddress.Parse(address)]);
        var result = await client.Send(Sends.Post(new Uri("http://receiver.example/")));
        Assert.Equal((null, FailureClass.Blocked), (result.StatusCode, result.Failure));
        Assert.DoesNotContain(address, result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.1")]
    [InlineData("127.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[::1%251]")]
    [InlineData("user@127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    public async Task No_spelling_of_loopback_is_dialled(string host)
    {
        await using var receiver = Receiver.Answering(OkAndClose, IPAddress.Any);
        using var client = new EgressClient(new EgressOptions(), TimeProvider.System);
        var result = await client.Send(Sends.Post(new Uri($"http://{host}:{receiver.Port}/")));
        Assert.Equal(FailureClass.Blocked, result.Failure);
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public async Task One_forbidden_address_condemns_the_name()
    {
        await using var receiver = Receiver.Answering(OkAndClose, IPAddress.Any);
        using var client = Sends.ClientResolving(() => [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("10.0.0.1")], "127.0.0.2");
        var result = await client.Send(Sends.Post(new Uri($"http://mixed.example:{receiver.Port}/")));
        Assert.Equal(FailureClass.Blocked, result.Failure);
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public async Task An_address_that_is_silent_does_not_cost_the_next_one_its_time()
    {
        await using var receiver = Receiver.Answering(OkAndClose, IPAddress.Parse("127.0.0.3"));
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), receiver.Port));
        silent.Listen(0);
        using var fills = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await fills.ConnectAsync(silent.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var client = Sends.ClientResolving(() => [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], "127.0.0.0/8");

        var result = await client.Send(Sends.Post(new Uri($"http://two.example:{receiver.Port}/")));

        Assert.Equal((200, null), (result.StatusCode, result.Failure));
    }

    [Fact]
    public async Task A_name_that_changes_its_address_never_leads_to_the_forbidden_one()
    {
        var (allowed, forbidden) = (IPAddress.Parse("127.0.0.2"), IPAddress.Loopback);
        var asked = 0;
        await using var receiver = Receiver.Answering(OkAndClose, IPAddress.Any);
        using var client = Sends.ClientResolving(() => [Interlocked.Increment(ref asked) % 2 == 0 ? forbidden : allowed], "127.0.0.2/32");
        var outcomes = new List<FailureClass?>();
        for (var i = 0; i < 1000; i++)
        {
            outcomes.Add((await client.Send(Sends.Post(new Uri($"http://rebinding.example:{receiver.Port}/")))).Failure);
        }

        Assert.Equal(1000, asked);
        Assert.Equal(500, outcomes.Count(outcome => outcome == FailureClass.Blocked));
        Assert.Equal(500, outcomes.Count(outcome => outcome is null));
        Assert.Equal(500, receiver.Dialled.Count);
        Assert.All(receiver.Dialled, address => Assert.Equal(allowed, address));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    public async Task No_setting_opens_the_metadata_services(string address)
    {
        using var client = Sends.ClientResolving(() => [IPAddress.Parse(address)], "0.0.0.0/0", "::/0", "169.254.169.254", "fd00:ec2::254");
        Assert.Equal(FailureClass.Blocked, (await client.Send(Sends.Post(new Uri("http://metadata.example/")))).Failure);
    }

    [Theory]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(5432)]
    [InlineData(6379)]
    public async Task Ports_of_other_services_are_not_dialled(int port)
    {
        using var client = Sends.ClientResolving(() => [IPAddress.Parse("8.8.8.8")]);
        Assert.Equal(FailureClass.Blocked, (await client.Send(Sends.Post(new Uri($"http://receiver.example:{port}/")))).Failure);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("ws://127.0.0.1/")]
    public async Task Other_schemes_are_not_sent(string url)
    {
        using var client = Sends.Client();
        Assert.Equal(FailureClass.Blocked, (await client.Send(Sends.Post(new Uri(url)))).Failure);
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_used()
    {
        await using var receiver = Receiver.Answering(OkAndClose);
        await using var proxy = Receiver.Answering(OkAndClose);
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy(proxy.Url);
        try
        {
            using var client = Sends.Client();
            Assert.Null((await client.Send(Sends.Post(receiver.Url))).Failure);
            Assert.Empty(proxy.Dialled);
            Assert.Single(receiver.Requests);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }
}
