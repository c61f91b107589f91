using Webhooks.Demo.Showing;

namespace Webhooks.Demo;

/// <summary>Commands that can be pasted one after the other.</summary>
internal static class WayOn
{
    private static readonly string[] Start =
    [
        "Webhooks__BootstrapKey=admin:choose-a-secret ./run",
    ];

    private static readonly string[] Commands =
    [
        "call() { curl -sS -u admin:choose-a-secret -H 'Content-Type: application/json' http://127.0.0.1:8080/v1/\"$@\"; echo; }",
        "call companies -d '{\"code\":\"acme\",\"name\":\"Acme\"}'",
        "acme=$(call companies/acme | grep -o -m1 'com_[a-z0-9]*')",
        "hook=https://example.com/hooks   # put an address of yours",
        "call webhooks -d '{\"company_sid\":\"'$acme'\",\"url\":\"'$hook'\"}'",
        "call events -d '{\"company_sid\":\"'$acme'\",\"type\":\"order.paid\",\"payload\":{\"order\":4711}}'",
        "call \"deliveries?company_sid=$acme\"",
    ];

    public static void Tell(Screen screen)
    {
        screen.Heading("Now yours: start the service in one terminal");
        Paste(screen, Start);
        screen.Heading("and use it from another");
        Paste(screen, Commands);
        screen.Heading("All it can do is described at http://127.0.0.1:8080/openapi/v1.json");
        screen.Line("");
    }

    private static void Paste(Screen screen, string[] commands)
    {
        foreach (var command in commands)
        {
            screen.Line("  " + command);
        }
    }
}
