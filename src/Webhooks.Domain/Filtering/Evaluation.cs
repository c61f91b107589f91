using System.Runtime.InteropServices;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>One filter asked about one payload. Lives on the stack; the index is shared by all filters.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct Evaluation(JsonIndex payload)
{
    private int _left = PayloadFilter.MaxExamined;

    public JsonIndex Payload { get; } = payload;

    public readonly bool IsExhausted => _left < 0;

    public void Examine(int values) => _left -= values;
}
