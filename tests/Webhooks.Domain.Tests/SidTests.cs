namespace Webhooks.Domain.Tests;

public class SidTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "00000000000000000000000000")]
    [InlineData("00000000-0000-0000-0000-000000000001", "00000000000000000000000001")]
    [InlineData("00000000-0000-0000-0000-00000000000a", "0000000000000000000000000a")]
    [InlineData("00000000-0000-0000-0000-000000000010", "0000000000000000000000000g")]
    [InlineData("00000000-0000-0000-0000-000000000020", "00000000000000000000000010")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("0110c853-1d09-52d8-d73e-1194e95b5f19", "0123456789abcdefghjkmnpqrs")]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057", "01h455vb4pex5vsknk084sn02q")]
    public void Its_text_is_the_TypeID_form_both_ways(string uuid, string suffix)
    {
        var id = new MessageId(Guid.Parse(uuid));
        Assert.Equal($"evt_{suffix}", id.ToString());
        Assert.True(Sid.TryParse<MessageId>($"evt_{suffix}", out var parsed));
        Assert.Equal(id, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("evt_")]
    [InlineData("01h455vb4pex5vsknk084sn02q")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02qq")]
    [InlineData("evt-01h455vb4pex5vsknk084sn02q")]
    [InlineData("EVT_01h455vb4pex5vsknk084sn02q")]
    [InlineData("dlv_01h455vb4pex5vsknk084sn02q")]
    [InlineData("evt_01H455VB4PEX5VSKNK084SN02Q")]
    [InlineData("evt_81h455vb4pex5vsknk084sn02q")]
    [InlineData("evt_z1h455vb4pex5vsknk084sn02q")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02i")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02l")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02o")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02u")]
    [InlineData("evt_ 1h455vb4pex5vsknk084sn02q")]
    [InlineData("evt_01h455vb4pex5vsknk084sn02\n")]
    [InlineData(" evt_01h455vb4pex5vsknk084sn02q")]
    public void Anything_else_is_not_a_sid(string? text)
    {
        Assert.False(Sid.TryParse<MessageId>(text, out var id));
        Assert.Equal(default, id);
        Assert.Throws<FormatException>(() => Sid.Parse<MessageId>(text));
    }

    [Fact]
    public void Every_uuid_comes_back_and_text_order_is_byte_order()
    {
        var random = new Random(1);
        var bytes = new byte[16];
        var previous = new MessageId(Guid.Empty);
        for (var n = 0; n < 10_000; n++)
        {
            random.NextBytes(bytes);
            var id = new MessageId(new Guid(bytes, bigEndian: true));
            Assert.Equal(id, Sid.Parse<MessageId>(id.ToString()));
            Assert.Equal(Math.Sign(Bytes(id).SequenceCompareTo(Bytes(previous))), Math.Sign(string.CompareOrdinal(id.ToString(), previous.ToString())));
            previous = id;
        }
    }

    [Fact]
    public void Ids_made_later_sort_later()
    {
        var first = new MessageId(Guid.CreateVersion7(Sample.Now));
        var later = new MessageId(Guid.CreateVersion7(Sample.Now.AddMilliseconds(1)));
        Assert.True(string.CompareOrdinal(first.ToString(), later.ToString()) < 0);
    }

    [Fact]
    public void Each_kind_has_a_prefix_of_its_own()
    {
        var prefixes = typeof(Sid).Assembly.GetTypes()
            .Where(t => t.IsValueType && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ISid<>)))
            .Select(t => (string)t.GetProperty("Prefix")!.GetValue(null)!)
            .ToArray();
        Assert.Equal(["com", "dlv", "ety", "evt", "key", "sgk", "wh"], prefixes.Order());
    }

    private static ReadOnlySpan<byte> Bytes(MessageId id) => id.Value.ToByteArray(bigEndian: true);
}
