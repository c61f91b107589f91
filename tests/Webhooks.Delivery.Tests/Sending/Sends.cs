using System.Net;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>Clients and requests as the tests of sending use them.</summary>
internal static class Sends
{
    public static EgressClient Client(params string[] allow) => new(new EgressOptions { AllowNetworks = allow.Length > 0 ? allow : ["127.0.0.0/8"] }, TimeProvider.System);

    public static EgressClient Client(TimeProvider time) => new(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, time);

    public static EgressClient ClientResolving(Func<IPAddress[]> addresses, params string[] allow) =>
        new(new EgressOptions { AllowNetworks = allow }, TimeProvider.System, (_, _) => Task.FromResult(addresses()));

    public static OutgoingRequest Post(Uri url, string body = "{}", params Header[] headers) =>
        new(url, "POST", headers, Encoding.UTF8.GetBytes(body), TimeSpan.FromSeconds(30));

    public static OutgoingRequest Get(Uri url, params Header[] headers) => new(url, "GET", headers, null, TimeSpan.FromSeconds(30));

    public static Task<SendResult> Send(this EgressClient client, OutgoingRequest request) => client.Send(request, TestContext.Current.CancellationToken);
}
