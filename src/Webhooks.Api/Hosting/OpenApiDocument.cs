using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Webhooks.Api.Http;

namespace Webhooks.Api.Hosting;

/// <summary>OpenAPI 3.1 at /openapi/v1.json, made from what the slices say of themselves.</summary>
public static class OpenApiDocument
{
    private const string Basic = "basic";
    private const string Bearer = "bearer";
    private const string ProblemSchema = "Problem";

    /// <summary>What vendors' clients would not tell from 400.</summary>
    private static readonly string[] OwnStatuses = ["409", "412", "413", "415", "422"];

    private const string Name = "v1";

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Made once: it takes tens of milliseconds, and anybody may ask. Two who are the first at a time make the same.
        byte[]? made = null;
        routes.MapGet($"/openapi/{Name}.json", async ([FromKeyedServices(Name)] IOpenApiDocumentProvider provider, CancellationToken ct) =>
        {
            made ??= await Make(provider, ct);
            return Results.Bytes(made, "application/json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(made), 0, 8)}\""));
        }).ExcludeFromDescription();
    }

    private static async Task<byte[]> Make(IOpenApiDocumentProvider provider, CancellationToken ct)
    {
        var document = await provider.GetOpenApiDocumentAsync(ct);
        // Wherever it was read from.
        document.Servers = [new OpenApiServer { Url = "/" }];
        return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct));
    }

    public static void AddOpenApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(Describe);
        options.AddOperationTransformer(Describe);
    });

    private static Task Describe(Microsoft.OpenApi.OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Webhooks",
            Version = "v1",
            Description = "Register webhooks, emit events, see every delivery and attempt. JSON in snake_case; errors are RFC 9457 problem details. "
                + "Resources carry their version as ETag: send it as If-Match to change only what you have seen.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Basic] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "The API key's sid as user name, its secret as password." },
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The API key's sid and its secret, joined by a dot; or a token (JWT, HS256) signed with a shared secret, which names its key by kid or iss." },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = SchemaOfExample.Of(
            JsonNode.Parse("""
                {"type":"/problems/request.invalid","title":"The request breaks a rule","status":422,"detail":"url: Is required.","instance":"/v1/webhooks",
                 "request_id":"01890a5d-ac96-774b-bcce-b302099a8057","errors":[{"field":"url","code":"field.required","detail":"Is required."}]}
                """),
            [
                new("type", "Stable, for programs: /problems/ and a code."),
                new("request_id", "The same as in the header Request-Id."),
                new("errors", "Every broken rule, when fields are at fault."),
            ]);
        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.OperationId = IdOf(context.Description);
        var document = context.Document!;
        operation.Responses = [];
        foreach (var answer in metadata.OfType<AnswerDoc>())
        {
            operation.Responses[answer.Status.ToString()] = ResponseOf(answer);
        }

        if (metadata.OfType<BodyDoc>().LastOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = !body.Optional, Content = Json(body.Example, body.Whole, body.Fields) };
        }

        operation.Parameters = [.. (operation.Parameters ?? []).Select(Described), .. metadata.OfType<QueryDoc>().Select(ParameterOf)];
        var scope = metadata.OfType<RequiredScope>().LastOrDefault();
        if (scope is not null)
        {
            operation.Description = $"{operation.Description} Needs the scope `{EnumNames<Domain.Companies.Scopes>.Of(scope.Scope)}`.";
        }

        operation.Security = scope is null ? [] : [Requirement(Basic, document), Requirement(Bearer, document)];

        // A vendor's routes answer errors in the vendor's form, with fewer statuses.
        var isVendors = metadata.OfType<ProblemForm>().Any();
        foreach (var (status, description) in ProblemsOf(operation, scope is not null).Where(p => !isVendors || !OwnStatuses.Contains(p.Status)))
        {
            operation.Responses.TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = isVendors ? null : new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, document) } },
            });
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Of method and path, such as <c>postWebhooksSidEnable</c>. Generated clients name their methods by it; without one
    /// some of them make names of the path as it stands, "~" and all, which no compiler takes.
    /// </summary>
    private static string IdOf(ApiDescription route) =>
        string.Concat(route.RelativePath!.Split(['/', '{', '}', '~', '-', '_', '.'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word != Name)
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..])
            .Prepend(route.HttpMethod!.ToLowerInvariant()));

    private static IEnumerable<(string Status, string Description)> ProblemsOf(OpenApiOperation operation, bool needsKey)
    {
        yield return ("400", "The request can't be read: malformed JSON, query or header.");
        if (needsKey)
        {
            yield return ("401", "No API key, or not a valid one.");
            yield return ("403", "The key lacks the scope.");
        }

        if (operation.Parameters?.Any(p => p.In == ParameterLocation.Path) == true)
        {
            yield return ("404", "Not there, or another company's.");
            yield return ("409", "The present state does not allow it.");
            yield return ("412", "Changed since the version in If-Match.");
        }

        if (operation.RequestBody is not null)
        {
            yield return ("413", "The body is too large.");
            yield return ("415", "The body is not JSON in UTF-8.");
            yield return ("422", "Fields of the body break rules; each is named.");
        }

        yield return ("500", "A fault of the service.");
        yield return ("503", "The database can't be reached, or can't write; try again after Retry-After seconds.");
    }

    private static OpenApiResponse ResponseOf(AnswerDoc answer) => new()
    {
        Description = answer.Description,
        Content = answer.Example is { } example ? Json(example, example, []) : null,
    };

    /// <summary>Parameters of paths are sids all over.</summary>
    private static IOpenApiParameter Described(IOpenApiParameter parameter)
    {
        parameter.Description ??= parameter.Name == "sid" ? "The resource's sid." : $"The {parameter.Name?.Replace('_', ' ')} of the part that is meant.";
        return parameter;
    }

    private static OpenApiParameter ParameterOf(QueryDoc query) => new()
    {
        Name = query.Name,
        In = ParameterLocation.Query,
        Description = query.Description,
        Example = query.Example is { } example ? System.Text.Json.Nodes.JsonValue.Create(example) : null,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static Dictionary<string, OpenApiMediaType> Json(JsonNode example, JsonNode whole, IReadOnlyList<FieldDoc> fields) =>
        new() { ["application/json"] = new OpenApiMediaType { Schema = SchemaOfExample.Of(whole, fields), Example = example } };

    private static OpenApiSecurityRequirement Requirement(string scheme, Microsoft.OpenApi.OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}
