using System.Text.Json;

namespace Webhooks.Domain.Tests;

public class EquatableArrayTests
{
    [Fact]
    public void Arrays_of_equal_content_are_equal_and_hash_alike()
    {
        EquatableArray<string> a = new[] { "x", "y" };
        EquatableArray<string> b = new[] { "x", "y" };
        Assert.True(a == b);
        Assert.True(a.Equals((object)b));
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }

    [Fact]
    public void Order_length_and_content_make_a_difference()
    {
        EquatableArray<string> a = new[] { "x", "y" };
        Assert.True(a != new[] { "y", "x" });
        Assert.True(a != new[] { "x" });
        Assert.True(a != new[] { "x", "z" });
        Assert.False(a.Equals((object)"x"));
    }

    [Fact]
    public void The_default_value_is_an_empty_array()
    {
        EquatableArray<int> none = default;
        Assert.Empty(none);
        Assert.True(none.AsSpan().IsEmpty);
        Assert.True(none == Array.Empty<int>());
        Assert.Equal(none.GetHashCode(), new EquatableArray<int>([]).GetHashCode());
    }

    [Fact]
    public void Items_are_found_by_index_and_in_order()
    {
        EquatableArray<int> items = new[] { 3, 1, 2 };
        Assert.Equal(1, items[1]);
        Assert.Equal([3, 1, 2], items);
        Assert.Throws<IndexOutOfRangeException>(() => items[3]);
    }

    [Fact]
    public void As_json_it_is_a_plain_array_and_null_is_empty()
    {
        Assert.Equal("[1,2]", JsonSerializer.Serialize<EquatableArray<int>>(new[] { 1, 2 }));
        Assert.True(JsonSerializer.Deserialize<EquatableArray<int>>("[1,2]") == new[] { 1, 2 });
        Assert.Empty(JsonSerializer.Deserialize<EquatableArray<int>>("null"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EquatableArray<int>>("{}"));
    }
}
