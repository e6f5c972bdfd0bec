using System.IO.Compression;
using System.Text;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

public class TableTests
{
    /// <summary>What a decoder makes of a body, read in pieces of one byte to seven so that no border of a buffer is special.</summary>
    private static string Decode(string decoder, byte[] body, int bytesMax = 1_000_000)
    {
        using var stream = Components.Parse(decoder, BodyDecoder.Parse).Open(new TrickleStream(body), bytesMax);
        using var reader = new StreamReader(stream);

        return reader.ReadToEnd();
    }

    private static string Decode(string decoder, string body, int bytesMax = 1_000_000) => Decode(decoder, Encoding.UTF8.GetBytes(body), bytesMax);

    [Theory]
    [InlineData("id,name\n1,a\n", """[{"id":"1","name":"a"}]""")]
    [InlineData("id,name\r\n1,a\r\n\r\n2,b", """[{"id":"1","name":"a"},{"id":"2","name":"b"}]""")]
    [InlineData("id\r1\r2\r", """[{"id":"1"},{"id":"2"}]""")]
    [InlineData("id,text\n1,\"a \"\"b\"\",\r\nc\"\n", """[{"id":"1","text":"a \"b\",\r\nc"}]""")]
    [InlineData("id,text\n1,5\" pipe\n2,\"x\"y\n", """[{"id":"1","text":"5\" pipe"},{"id":"2","text":"xy"}]""")]
    [InlineData("a,b,c\n1\n1,2,3,4,5\n", """[{"a":"1","b":null,"c":null},{"a":"1","b":"2","c":"3","_extra":["4","5"]}]""")]
    [InlineData("a,a,\n1,2,3\n", """[{"a":"1","a.1":"2","":"3"}]""")]
    [InlineData("\uFEFFid,é\n1,ü\n", """[{"id":"1","é":"ü"}]""")]
    [InlineData("id,n\n0042,12345678901234567890\n1.10, x \n", """[{"id":"0042","n":"12345678901234567890"},{"id":"1.10","n":" x "}]""")]
    [InlineData("id,name\n", "[]")]
    [InlineData("", "[]")]
    public void A_table_becomes_records_of_texts(string body, string records) => Decode("{ type: CsvDecoder }", body).ShouldBe(records);

    [Theory]
    [InlineData(";", "a;b\n1;2", "2")]
    [InlineData("\\\\t", "a\tb\n1\t2", "2")]
    [InlineData("\\\\x01", "a\u0001b\n1\u00012", "2")]
    [InlineData("\\\\u0001", "a\u0001b\n1\u00012", "2")]
    [InlineData("|", "a|b\n1|2", "2")]
    public void Any_one_character_may_stand_between_values(string delimiter, string body, string b) =>
        Decode($"{{ type: CsvDecoder, delimiter: \"{delimiter}\" }}", body).ShouldBe($$"""[{"a":"1","b":"{{b}}"}]""");

    [Theory]
    [InlineData("delimiter: ab")]
    [InlineData("delimiter: '\"'")]
    [InlineData("encoding: klingon")]
    public void What_no_table_can_have_is_refused(string options) =>
        Should.Throw<ManifestException>(() => Decode($"{{ type: CsvDecoder, {options} }}", ""));

    [Theory]
    [InlineData("latin-1", "iso-8859-1")]
    [InlineData("cp1252", "windows-1252")]
    [InlineData("iso8859_15", "iso-8859-15")]
    [InlineData("cp437", "ibm437")]
    [InlineData("utf-8-sig", "utf-8")]
    [InlineData("utf_16_le", "utf-16")]
    [InlineData("UTF-16-BE", "utf-16BE")]
    [InlineData("shift_jis", "shift_jis")]
    public void Tables_come_in_many_encodings(string name, string dotnet)
    {
        TextEncodings.Find("utf-8");
        var word = dotnet == "shift_jis" ? "日本" : "äöü";

        Decode($"{{ type: CsvDecoder, encoding: {name} }}", Encoding.GetEncoding(dotnet).GetBytes($"w\n{word}\n")).ShouldBe($$"""[{"w":"{{word}}"}]""");
    }

    [Fact]
    public void A_mark_at_the_start_knows_the_encoding_better_than_the_manifest() =>
        Decode("{ type: CsvDecoder, encoding: latin-1 }", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("w\nä\n")]).ShouldBe("""[{"w":"ä"}]""");

    [Fact]
    public void A_row_whose_bytes_are_no_text_is_no_record_and_the_others_are() =>
        Decode("{ type: CsvDecoder }", [.. "id,n\n1,a\n2,"u8, 0xFF, .. "\n3,c\n"u8]).ShouldBe("""[{"id":"1","n":"a"},null,{"id":"3","n":"c"}]""");

    [Theory]
    [InlineData("a\n\"open", 1000)]
    [InlineData("a\n0123456789", 5)]
    public void A_table_that_is_cut_off_or_has_no_end_is_refused(string body, int bytesMax) =>
        Should.Throw<NotReadableException>(() => Decode("{ type: CsvDecoder }", body, bytesMax));

    [Theory]
    [InlineData("{ type: CompositeRawDecoder, parser: { type: CsvParser, encoding: latin-1, delimiter: \";\" } }", "a;b\n1;ä", """[{"a":"1","b":"ä"}]""")]
    [InlineData("{ type: CompositeRawDecoder, parser: { type: JsonLineParser, encoding: latin-1 } }", "{\"a\":\"ä\"}\n", """[{"a":"ä"}]""")]
    [InlineData("{ type: CompositeRawDecoder, parser: { type: JsonParser, encoding: latin-1 } }", "{\"a\":\"ä\"}", """{"a":"ä"}""")]
    [InlineData("{ type: JsonItemsDecoder, items_path: a.item, encoding: latin-1 }", "{\"a\":[\"ä\"]}", """{"a":["ä"]}""")]
    public void Older_spellings_and_other_encodings_are_read(string decoder, string body, string records) =>
        Decode(decoder, Encoding.Latin1.GetBytes(body)).ShouldBe(records);

    [Theory]
    [InlineData("{ type: CompositeRawDecoder, parser: { type: GzipParser, inner_parser: { type: JsonLineParser } } }")]
    [InlineData("{ type: GzipDecoder, decoder: { type: GzipDecoder, decoder: { type: JsonlDecoder } } }")]
    public void What_is_packed_is_unpacked_and_what_is_not_is_read_as_it_is(string decoder)
    {
        Decode(decoder, Packed("{\"a\":1}\n{\"a\":2}")).ShouldBe("""[{"a":1},{"a":2}]""");
        Decode(decoder, "{\"a\":1}\n{\"a\":2}").ShouldBe("""[{"a":1},{"a":2}]""");
    }

    [Fact]
    public void A_packed_file_that_is_cut_off_is_noticed()
    {
        var whole = Packed("id,n\n" + string.Concat(Enumerable.Range(0, 5000).Select(id => $"{id},{id * 7919}\n")));

        foreach (var bytes in (int[])[whole.Length / 2, whole.Length - 9, whole.Length - 1])
            Should.Throw<InvalidDataException>(() => Decode("{ type: GzipDecoder, decoder: { type: CsvDecoder } }", whole[..bytes]), $"after {bytes} of {whole.Length} bytes");
        Decode("{ type: GzipDecoder, decoder: { type: CsvDecoder } }", whole).ShouldEndWith("}]");
    }

    [Theory]
    [InlineData("{\"a\":1}\nnonsense\n{\"a\":2}\n", """[{"a":1},null,{"a":2}]""")]
    [InlineData("{\"a\":1}\r\n  \n{\"a\":1.10}", """[{"a":1},{"a":1.10}]""")]
    public void A_line_that_is_no_json_is_no_record_and_the_others_are(string body, string records) =>
        Decode("{ type: JsonlDecoder }", body).ShouldBe(records);

    [Fact]
    public void Lines_that_end_in_the_middle_of_one_are_cut_off() =>
        Should.Throw<NotReadableException>(() => Decode("{ type: JsonlDecoder }", "{\"a\":1}\n{\"a\":"));

    [Theory]
    [InlineData("<r><i> 5 </i></r>", """{"r":{"i":"5"}}""")]
    [InlineData("<r>\n  <i/>\n  <i a=\"1\"/>\n  <i>x</i>\n</r>", """{"r":{"i":[null,{"@a":"1"},"x"]}}""")]
    [InlineData("<n:r xmlns:n=\"urn:n\"><n:i xml:lang=\"de\">ä</n:i></n:r>", """{"n:r":{"@xmlns:n":"urn:n","n:i":{"@xml:lang":"de","#text":"ä"}}}""")]
    [InlineData("<r>a<b>1</b>c<!-- no --><![CDATA[<d>]]></r>", """{"r":{"b":"1","#text":"ac<d>"}}""")]
    [InlineData("<r><i>0042</i><i>1.10</i></r>", """{"r":{"i":["0042","1.10"]}}""")]
    [InlineData("<r/>", """{"r":null}""")]
    public void Xml_is_read_by_the_usual_rules(string body, string json) => Decode("{ type: XmlDecoder }", body).ShouldBe(json);

    [Fact]
    public void Xml_may_name_an_encoding_of_its_own() =>
        Decode("{ type: XmlDecoder }", [.. "<?xml version=\"1.0\" encoding=\"windows-1252\"?><r>"u8, 0x80, .. "</r>"u8]).ShouldBe("""{"r":"€"}""");

    private static byte[] Packed(string text)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(Encoding.UTF8.GetBytes(text));

        return packed.ToArray();
    }

    private sealed class TrickleStream(byte[] bytes) : ReadOnlyMemoryStream(bytes)
    {
        private int _turn;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1 + (_turn++ % 7))]);
    }
}
