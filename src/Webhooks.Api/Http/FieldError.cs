namespace Webhooks.Api.Http;

/// <summary>One rule that one field of a request breaks.</summary>
/// <param name="Field">Path in the wire's spelling: <c>headers[2].name</c>; for queries and headers, their name.</param>
/// <param name="Code">Stable, for programs: <c>field.required</c>.</param>
/// <param name="Detail">One sentence for people.</param>
public readonly record struct FieldError(string Field, string Code, string Detail);
