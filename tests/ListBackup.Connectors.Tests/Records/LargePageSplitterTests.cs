using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

public class LargePageSplitterTests
{
    private static (List<string> Rows, int Refused, int Parts) Split(byte[] page, string[] bodies, string[] records, int partBytes, int recordBytesMax = 1_000_000)
    {
        using var splitter = new LargePageSplitter(new MemoryStream(page), bodies, records, partBytes, recordBytesMax, ArrayPool<byte>.Shared);
        var (rows, refused, parts) = (new List<string>(), 0, 0);
        while (splitter.Next() is { } part)
        {
            using (part.Buffer)
            {
                rows.AddRange(part.Rows.Rows.Select(row => Encoding.UTF8.GetString(row.Span)));
                refused += part.Rows.Refused;
                parts++;
            }
        }

        return (rows, refused, parts);
    }

    [Fact]
    public void Whatever_the_page_and_the_window_the_rows_are_those_of_the_whole_page()
    {
        var scalar = Gen.OneOf(
            Gen.Long.Select(number => number.ToString()), Gen.Const("1.50"), Gen.Const("null"), Gen.Const("true"), Gen.Const("\"]}\\\"\""),
            Gen.String[Gen.Char.Where(character => !char.IsSurrogate(character)), 0, 10].Select(text => JsonSerializer.Serialize(text)));
        var json = Gen.Recursive<string>((depth, inner) => depth > 3 ? scalar : Gen.OneOf(
            scalar,
            Gen.Const("{}"),
            Gen.Const("[ ]"),
            inner.Array[0, 4].Select(items => $"[ {string.Join(" ,", items)} ]"),
            Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("items")), inner).Array[0, 4].Select(pairs => $"{{{string.Join(',', pairs.Select(pair => $" \"{pair.Item1}\" :{pair.Item2}"))} }}")));
        var path = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("items"), Gen.Const("0"), Gen.Const("1")).Array[0, 2];

        Gen.Select(json, path, path, Gen.Int[1, 40]).Sample((text, bodies, records, partBytes) =>
        {
            var page = Encoding.UTF8.GetBytes(text);
            var whole = PageSplitter.Split(page, bodies, records);

            var (rows, refused, _) = Split(page, bodies, records, partBytes);

            rows.ShouldBe(whole.Rows.Select(row => Encoding.UTF8.GetString(row.Span)));
            refused.ShouldBe(whole.Refused);
        }, iter: 5_000);
    }

    [Fact]
    public void A_page_comes_in_parts_and_a_record_larger_than_a_part_comes_whole()
    {
        var large = $$"""{"id":2,"text":"{{new string('x', 5_000)}}"}""";

        var (rows, _, parts) = Split(Encoding.UTF8.GetBytes($$"""{"items":[{"id":1},{{large}},{"id":3}],"next":"n"}"""), [], ["items"], 100);

        rows.ShouldBe(["""{"id":1}""", large, """{"id":3}"""]);
        parts.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("""{"items":[{"id":1},{"id":2}]""")]
    [InlineData("""{"items":[{"id":1},{"id":2}]} x""")]
    [InlineData("""{"items":[{"id":1},{"id":tru}]}""")]
    public void Damage_is_noticed(string page) =>
        Should.Throw<JsonException>(() => Split(Encoding.UTF8.GetBytes(page), [], ["items"], 8));

    [Fact]
    public void A_record_beyond_the_limit_is_refused()
    {
        var page = Encoding.UTF8.GetBytes($$"""{"items":[{"text":"{{new string('x', 100_000)}}"}]}""");

        Should.Throw<TransportException>(() => Split(page, [], ["items"], 100, recordBytesMax: 50_000)).Failure.ShouldBe(TransportFailure.RecordTooLarge);
    }

    [Fact]
    public void Rows_that_are_no_text_are_refused_one_by_one()
    {
        byte[] page = [.. """{"items":[{"a":"x"},{"a":"""u8, (byte)'"', 0xE9, (byte)'"', .. """},{"a":"y"}]}"""u8];

        var (rows, refused, _) = Split(page, [], ["items"], 10);

        rows.ShouldBe(["""{"a":"x"}""", """{"a":"y"}"""]);
        refused.ShouldBe(1);
    }
}
