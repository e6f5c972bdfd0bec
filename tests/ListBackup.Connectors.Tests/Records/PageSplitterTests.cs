using System.Text;
using System.Text.Json;
using CsCheck;

namespace ListBackup.Connectors.Records;

public class PageSplitterTests
{
    private static List<string> Split(string page, params string[] path) =>
        [.. PageSplitter.Split(Encoding.UTF8.GetBytes(page), [], path).Rows.Select(row => Encoding.UTF8.GetString(row.Span))];

    [Theory]
    [InlineData("""[{"a":1},{"a":2}]""", "", """{"a":1}|{"a":2}""")]
    [InlineData("""{"data":{"items":[ {"a":"]}"} , {"a":"\"}"}]}}""", "data/items", """{"a":"]}"}|{"a":"\"}"}""")]
    [InlineData("""{"data":{"a":1}}""", "data", """{"a":1}""")]
    [InlineData("""[{"data":[{"a":1}]},{"data":[{"a":2}]}]""", "data", """{"a":1}|{"a":2}""")]
    [InlineData("""{"data":null}""", "data", "")]
    [InlineData("""{"other":[{"a":1}]}""", "data", "")]
    [InlineData("""{}""", "", "")]
    [InlineData("", "data", "")]
    [InlineData("""{"\u0064ata":[{"a":1}]}""", "data", """{"a":1}""")]
    public void Records_are_the_bytes_that_the_page_has(string page, string path, string rows) =>
        string.Join('|', Split(page, path.Split('/', StringSplitOptions.RemoveEmptyEntries))).ShouldBe(rows);

    [Fact]
    public void Any_list_of_records_comes_out_byte_for_byte()
    {
        var scalar = Gen.OneOf(
            Gen.Long.Select(number => number.ToString()), Gen.Const("1.50"), Gen.Const("-0"), Gen.Const("1E5"), Gen.Const("null"), Gen.Const("true"),
            Gen.String[Gen.Char.Where(character => !char.IsSurrogate(character)), 0, 10].Select(text => JsonSerializer.Serialize(text)));
        var nested = Gen.OneOf(scalar, scalar.Array[0, 3].Select(items => $"[ {string.Join(" ,", items)}]"), scalar.Select(item => $$"""{ "x" :{{item}}}"""));
        var record = Gen.Select(scalar, nested).Array[1, 4].Select(pairs => $"{{{string.Join(',', pairs.Select((pair, at) => $"\"k{at}\":{pair.Item1},\"n{at}\": {pair.Item2}"))}}}");

        record.Array[0, 6].Sample(records =>
        {
            Split($$"""{"before":{"items":[{}]},"items":[{{string.Join(" , ", records)}}],"after":[1,{"items":[{}]}]}""", "items").ShouldBe(records);
        });
    }

    [Fact]
    public void Damaged_pages_are_refused_and_never_break_the_splitter()
    {
        var page = Encoding.UTF8.GetBytes("""{"meta":{"n":1},"items":[{"id":1,"t":"a\"b\u00e9"},{"id":2,"l":[1,2.5e3,null,true]}]}""");

        Gen.Select(Gen.Int[0, page.Length - 1], Gen.Byte).Array[1, 4].Sample(
            changes =>
            {
                var damaged = (byte[])page.Clone();
                foreach (var (at, value) in changes)
                    damaged[at] = value;
                try
                {
                    foreach (var row in PageSplitter.Split(damaged, [], ["items"]).Rows)
                        JsonDocument.Parse(row).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
                }
                catch (JsonException)
                {
                    // Refused.
                }
            },
            iter: 20_000);
    }
}
