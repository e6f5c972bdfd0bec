using System.Buffers;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Records;

public class JsonOutlineTests
{
    private static readonly string Items = string.Join(',', Enumerable.Range(0, 20_000).Select(id => $$"""{"id":{{id}},"more":[1,{"x":{{id}}}]}"""));

    private static Value Outline(string json) => JsonOutline.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), 10_000_000, ArrayPool<byte>.Shared);

    private static Value Evaluate(string expression, string json) =>
        Template.Parse($"{{{{ {expression} }}}}").Evaluate(new ExpressionContext(TimeProvider.System).Set(Variable.Response, Outline(json)));

    [Theory]
    [InlineData("response.next", "abc")]
    [InlineData("response.meta.page.total", "20000")]
    [InlineData("response['count']", "9007199254740993")]
    [InlineData("response.price", "1.10")]
    [InlineData("response.data['items'] | length", "20000")]
    [InlineData("response.data['items'][-1].id", "19999")]
    [InlineData("response.data['items'][0].more[1].x", "0")]
    [InlineData("response.data.cursor", "c")]
    [InlineData("'yes' if response.data['items'] else 'no'", "yes")]
    [InlineData("response.absent is defined", "False")]
    public void What_paginators_ask_for_is_there(string expression, string value) => PythonText.Str(Evaluate(
        expression,
        """{"before":{"a":[1,2]},"data":{"cursor":"c","items":[ITEMS]},"price":1.10,"count":9007199254740993,"meta":{"page":{"total":20000}},"next":"abc"}""".Replace("ITEMS", Items, StringComparison.Ordinal))).ShouldBe(value);

    [Theory]
    [InlineData("response.data[7].id")]
    [InlineData("response.data | map(attribute='id') | list")]
    [InlineData("response.text | length")]
    public void What_was_left_out_is_an_error_and_no_wrong_value(string expression) =>
        Should.Throw<ExpressionException>(() => Evaluate(expression, $$"""{"data":[{{Items}}],"text":"{{new string('x', 100_000)}}"}""")).Message.ShouldContain("too large");

    [Fact]
    public void Of_a_list_of_bodies_the_ends_are_known()
    {
        var outline = Outline($"[{Items}]");

        outline.List.Count.ShouldBe(20_000);
        ValueJson.ToText(outline.List[0]).ShouldBe("""{"id":0,"more":[1,{"x":0}]}""");
    }

    [Fact]
    public void A_small_text_is_itself() => ValueJson.ToText(Outline(""" {"a":[1,2,{"b":null}]} """)).ShouldBe("""{"a":[1,2,{"b":null}]}""");

    [Theory]
    [InlineData("""{"data":[ITEMS]""")]
    [InlineData("""{"data":[ITEMS]} 1""")]
    public void Damage_is_noticed(string json) => Should.Throw<JsonException>(() => Outline(json.Replace("ITEMS", Items, StringComparison.Ordinal)));

    [Fact]
    public void A_map_of_records_costs_no_memory_and_is_left_out()
    {
        var map = string.Join(',', Enumerable.Range(0, 60_000).Select(id => $$""""
            "{{id}}":{"id":{{id}},"text":"{{new string('x', 60)}}"}
            """"));
        var json = """{"records":{MAP},"next":1}""".Replace("MAP", map, StringComparison.Ordinal);

        Should.Throw<ExpressionException>(() => Evaluate("response.records['7'].id", json));
        PythonText.Str(Evaluate("response.next", json)).ShouldBe("1");
    }
}
