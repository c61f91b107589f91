using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Webhooks.Architecture.Tests;

/// <summary>The product's assemblies, as compiled: what they reference, and which members of others they use.</summary>
internal static class Product
{
    public static readonly ImmutableArray<string> Names = ["Webhooks.Domain", "Webhooks.EventStore", "Webhooks.Projections", "Webhooks.Delivery", "webhooks"];

    public static IEnumerable<Type> Types => Names.SelectMany(name => Assembly.Load(name).GetTypes());

    public static string[] ReferencesOf(string assembly) => [.. Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!)];

    /// <summary>Methods of other assemblies that this one calls or binds to, as <c>Namespace.Type.Method</c>.</summary>
    public static HashSet<string> UsedBy(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Assembly.Load(assembly).Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Select(member => (Owner: OwnerOf(metadata, member.Parent), Name: metadata.GetString(member.Name)))
            .Where(member => member.Owner is not null)
            .Select(member => $"{member.Owner}.{member.Name}")];
    }

    private static string? OwnerOf(MetadataReader metadata, EntityHandle parent)
    {
        if (parent.Kind is HandleKind.TypeSpecification)
        {
            var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            if (signature.ReadSignatureTypeCode() is not SignatureTypeCode.GenericTypeInstance)
            {
                return null;
            }

            signature.ReadCompressedInteger(); // class or struct
            parent = signature.ReadTypeHandle();
        }

        if (parent.Kind is not HandleKind.TypeReference)
        {
            return null;
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
