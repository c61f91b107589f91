namespace Webhooks.Architecture.Tests;

/// <summary>A rule that can't fail is worse than none: each that reads text or metadata sees an example of what it forbids.</summary>
public class RulesSeeTests
{
    [Theory]
    [InlineData("try { } catch { }")]
    [InlineData("try { } catch (IOException) { }")]
    [InlineData("try { } catch (IOException e) when (e.HResult == 1)\n{\n}")]
    public void A_silent_catch(string code) => Assert.Matches(CodeRuleTests.SilentCatch(), code);

    [Theory]
    [InlineData("catch (OperationCanceledException) { /* the service stops */ }")]
    [InlineData("catch (Exception e) { log.Error(e); }")]
    public void A_catch_with_a_reason_or_a_deed(string code) => Assert.DoesNotMatch(CodeRuleTests.SilentCatch(), code);

    [Theory]
    [InlineData("catch { // never mind\n }")]
    [InlineData("catch (Exception) { return; // never mind\n }")]
    [InlineData("catch (Exception e) { /* never mind */ }")]
    public void A_catch_of_everything_that_does_nothing(string text) =>
        Assert.Matches(CodeRuleTests.CatchAllDoingNothing(), new Source("x.cs", text).Code);

    [Theory]
    [InlineData("var s = \"select a from b where c\";")]
    [InlineData("const string S = \"\"\"\n    insert into es.events (a)\n    \"\"\";")]
    [InlineData("$\"UPDATE read.webhooks SET x = 1\"")]
    public void A_statement_of_sql(string code) => Assert.Matches(Sql.Statement(), code);

    [Theory]
    [InlineData("\"Select one of the scopes.\"")]
    [InlineData("\"Update a webhook\"")]
    public void A_sentence_that_is_none(string code) => Assert.DoesNotMatch(Sql.Statement(), code);

    [Fact]
    public void Code_is_text_without_comments_and_with_its_strings() =>
        Assert.Equal("var a = \"http://x/*y*/\"; \nvar b = '\"'; ", new Source("x.cs", "var a = \"http://x/*y*/\"; // c\nvar b = '\"'; /* \"d */").Code);

    [Fact]
    public void Members_of_plain_and_of_generic_types_that_an_assembly_uses()
    {
        var used = Product.UsedBy("Webhooks.Domain");
        Assert.Contains("System.Text.Json.Utf8JsonReader.GetString", used);
        Assert.Contains("System.Collections.Generic.IEnumerable`1.GetEnumerator", used);
    }

    [Fact]
    public void The_products_source_and_types()
    {
        Assert.Contains(Source.All(".cs"), s => s.Path == "src/Webhooks.Domain/Fact.cs");
        Assert.DoesNotContain(Source.All(".cs"), s => s.Path.Contains("/obj/", StringComparison.Ordinal));
        Assert.Contains(typeof(Webhooks.Domain.Fact), Product.Types);
    }
}
