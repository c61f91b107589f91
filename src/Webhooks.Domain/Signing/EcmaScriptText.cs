using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The text that <see cref="EcmaScriptJson"/> is writing, in a pooled buffer. It stays open to change until an object
/// ends: only then is it known whether its members must change places.
/// </summary>
internal sealed class EcmaScriptText(int sizeHint) : IDisposable
{
    /// <summary>Up to here every key is compared with every other; beyond, a table is cheaper.</summary>
    private const int FewMembers = 32;

    private readonly List<Member> _members = [];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, 256));

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free(bytes.Length));
        Length += bytes.Length;
    }

    /// <param name="raw">Between the quotation marks, checked by the reader.</param>
    public void AppendString(ReadOnlySpan<byte> raw, bool escaped)
    {
        Append("\""u8);
        if (escaped)
        {
            Length += EcmaScriptString.Write(raw, Free(raw.Length));
        }
        else
        {
            Append(raw);
        }

        Append("\""u8);
    }

    public void AppendNumber(ReadOnlySpan<byte> number)
    {
        if (EcmaScriptNumber.IsPlainInteger(number))
        {
            Append(number);
        }
        else
        {
            Length += EcmaScriptNumber.Format(number, Free(EcmaScriptNumber.MaxLength));
        }
    }

    /// <param name="start">Where the members or items of the object or array begin.</param>
    public void AppendSeparator(int start)
    {
        if (Length > start)
        {
            Append(","u8);
        }
    }

    /// <returns>What <see cref="EndMembers"/> needs to tell this object's members from those around it.</returns>
    public int BeginMembers() => _members.Count;

    /// <summary>The quoted key from <paramref name="start"/> to <paramref name="keyEnd"/>, and the value up to here.</summary>
    public void AddMember(int start, int keyEnd) => _members.Add(new Member(start, keyEnd, Length));

    /// <summary>Puts the members of an object, all written, into the order in which ECMAScript lists them.</summary>
    public void EndMembers(int first, int start)
    {
        var members = CollectionsMarshal.AsSpan(_members)[first..];
        if (!IsInOrder(members))
        {
            Reorder(members.ToArray(), start);
        }

        _members.RemoveRange(first, members.Length);
    }

    private bool IsInOrder(ReadOnlySpan<Member> members)
    {
        if (members.Length > FewMembers)
        {
            return false;
        }

        for (var i = 0; i < members.Length; i++)
        {
            var key = Key(members[i]);
            if (IndexOf(key) is not null)
            {
                return false;
            }

            foreach (var earlier in members[..i])
            {
                if (Key(earlier).SequenceEqual(key))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Reorder(Member[] members, int start)
    {
        // Setting a key again keeps its place, as assigning a property does.
        var latest = new OrderedDictionary<string, Member>(members.Length);
        foreach (var member in members)
        {
            latest[Encoding.UTF8.GetString(Key(member))] = member;
        }

        var before = _bytes.AsSpan(start, Length - start).ToArray();
        Length = start;
        foreach (var member in latest.Values.OrderBy(m => IndexOf(before.AsSpan(m.Start - start, m.KeyEnd - m.Start)) ?? uint.MaxValue))
        {
            AppendSeparator(start);
            Append(before.AsSpan(member.Start - start, member.End - member.Start));
        }
    }

    private ReadOnlySpan<byte> Key(Member member) => _bytes.AsSpan(member.Start, member.KeyEnd - member.Start);

    /// <summary>The key's value if it is an array index: the canonical decimal form of 0 to 2^32 − 2.</summary>
    private static uint? IndexOf(ReadOnlySpan<byte> quotedKey)
    {
        var key = quotedKey[1..^1];
        return key.Length is >= 1 and <= 10
            && (key[0] is >= (byte)'1' and <= (byte)'9' || key.SequenceEqual("0"u8))
            && Utf8Parser.TryParse(key, out uint index, out var read)
            && read == key.Length
            && index != uint.MaxValue
                ? index
                : null;
    }

    private Span<byte> Free(int size)
    {
        if (_bytes.Length - Length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + size, _bytes.Length * 2));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }

    /// <summary>Offsets into the text: where the quoted key starts and ends, and where the value ends.</summary>
    private readonly record struct Member(int Start, int KeyEnd, int End);
}
