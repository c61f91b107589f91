using System.Xml.Linq;
using Webhooks.Domain.Tests;

namespace Webhooks.Receiver.Tests;

public sealed class PackageTests
{
    [Fact]
    public void The_kit_depends_on_nothing_but_the_shared_frameworks()
    {
        string[] frameworks = [Path.GetDirectoryName(typeof(object).Assembly.Location)!, Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!];
        var project = XDocument.Load(Path.Combine(Repository.Root, "src/Webhooks.Receiver/Webhooks.Receiver.csproj"));

        Assert.All(typeof(WebhookVerifier).Assembly.GetReferencedAssemblies(), a => Assert.Contains(frameworks, f => File.Exists(Path.Combine(f, $"{a.Name}.dll"))));
        Assert.DoesNotContain(project.Descendants(), e => e.Name.LocalName is "PackageReference" or "ProjectReference");
    }
}
