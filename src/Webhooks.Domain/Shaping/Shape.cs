using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>
/// What a webhook makes of a payload before it is signed and sent. Pure: the same payload and attempt give the same bytes,
/// so the audit can show them without their being stored.
/// </summary>
public sealed class Shape
{
    /// <summary>Bytes of the shape, without white space.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Paths in all.</summary>
    public const int MaxPaths = 100;

    /// <summary>Objects and arrays inside one another.</summary>
    public const int MaxDepth = 16;

    public const int MaxMaskLength = 100;
    public const string DefaultMask = "[redacted]";

    private readonly FieldShaper? _fields;
    private readonly Envelope? _envelope;

    internal Shape(FieldShaper? fields, Envelope? envelope, bool isForm) => (_fields, _envelope, IsForm) = (fields, envelope, isForm);

    public bool IsForm { get; }

    public string ContentType => IsForm ? FormBody.ContentType : RequestHeaders.ContentType;

    /// <param name="field">The field that holds it, such as <c>shape</c>: refusals name the place inside.</param>
    /// <param name="refusal">The rule it breaks, where the answer is null.</param>
    public static Shape? Parse(JsonText text, string field, out Refusal? refusal) => ShapeParser.Parse(text, field, out refusal);

    /// <param name="payload">One JSON text in UTF-8.</param>
    /// <exception cref="BodyTooLargeException">It makes more than <see cref="RequestBody.MaxBytes"/> of the payload.</exception>
    /// <exception cref="System.Text.Json.JsonException">Not JSON, or deeper than <see cref="JsonIndex.MaxDepth"/>.</exception>
    public ReadOnlyMemory<byte> Apply(ShapedEvent e, ReadOnlyMemory<byte> payload)
    {
        var (content, max) = (payload, RequestBody.MaxBytes(payload.Length));
        if (_fields is not null)
        {
            using var json = JsonIndex.Of(payload);
            var shaped = new BodyWriter(max, payload.Length + 256);
            _fields.Write(shaped, json);
            content = shaped.Written;
        }

        if (_envelope is not null)
        {
            var wrapped = new BodyWriter(max, content.Length + 512);
            _envelope.Write(wrapped, e, content.Span);
            content = wrapped.Written;
        }

        if (!IsForm)
        {
            return content;
        }

        var form = new BodyWriter(max, content.Length + 256);
        FormBody.Write(form, content);
        return form.Written;
    }
}
