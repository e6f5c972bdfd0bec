using System.IO.Compression;
using System.Text;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

public sealed class DecoderTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback with { AnswerBytesMax = 1_000_000 });

    public void Dispose() => _http.Dispose();

    private async Task<ReadResult> ReadAsync(string decoder, byte[] body, string path = "field_path: []")
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Response.Body.WriteAsync(body).AsTask());

        return await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", $"decoder: {decoder}", selector: path))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));
    }

    [Theory]
    [InlineData("{ type: JsonlDecoder }", "{\"a\":1.10}\n\n{\"a\":2}\r\n", "{\"a\":1.10}|{\"a\":2}")]
    [InlineData("{ type: IterableDecoder }", "one\ntwo", "{\"record\":\"one\"}|{\"record\":\"two\"}")]
    [InlineData("{ type: CsvDecoder }", "id,name\r\n007,\"a \"\"b\"\", c\nd\"\n8,\n", "{\"id\":\"007\",\"name\":\"a \\\"b\\\", c\\nd\"}|{\"id\":\"8\",\"name\":\"\"}")]
    [InlineData("{ type: CsvDecoder, delimiter: \"\\\\t\", set_values_to_none: [\"-\"] }", "id\tname\n1\t-\n", "{\"id\":\"1\",\"name\":null}")]
    public async Task Lines_and_tables_become_records(string decoder, string body, string records) =>
        string.Join('|', (await ReadAsync(decoder, Encoding.UTF8.GetBytes(body))).Records).ShouldBe(records);

    [Fact]
    public async Task Xml_becomes_records()
    {
        var body = "<?xml version=\"1.0\"?><r><items><item id=\"1\">a</item><item id=\"2\"><n>x</n><n>y</n></item></items></r>";

        var read = await ReadAsync("{ type: XmlDecoder }", Encoding.UTF8.GetBytes(body), "field_path: [r, items, item]");

        read.Records.ShouldBe(["""{"@id":"1","#text":"a"}""", """{"@id":"2","n":["x","y"]}"""]);
    }

    [Theory]
    [InlineData("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>")]
    [InlineData("<r><open></r>")]
    public async Task Dangerous_or_broken_xml_is_refused(string body) =>
        await Should.ThrowAsync<PlatformNotReadableException>(() => ReadAsync("{ type: XmlDecoder }", Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task Archives_are_opened()
    {
        var (gzip, zip) = (new MemoryStream(), new MemoryStream());
        using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write("{\"a\":1}\n{\"a\":2}"u8);
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in (string[])["1.json", "2.json"])
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes($"[{{\"file\":\"{name}\"}}]"));
            }
        }

        (await ReadAsync("{ type: GzipDecoder, decoder: { type: JsonlDecoder } }", gzip.ToArray())).Records.ShouldBe(["{\"a\":1}", "{\"a\":2}"]);
        (await ReadAsync("{ type: ZipfileDecoder, decoder: { type: JsonDecoder } }", zip.ToArray())).Records.ShouldBe(["{\"file\":\"1.json\"}", "{\"file\":\"2.json\"}"]);
    }

    [Fact]
    public async Task What_cannot_be_a_record_in_an_archive_is_counted()
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("1.json").Open();
            entry.Write("""{"rows":[{"id":1},7,{"id":2}]}"""u8);
        }

        var read = await ReadAsync("{ type: ZipfileDecoder, decoder: { type: JsonItemsDecoder, items_path: rows } }", zip.ToArray());

        read.Records.ShouldBe(["""{"id":1}""", """{"id":2}"""]);
        read.Coverage!.Evidence.RowsRefused.ShouldBe(1);
    }

    [Fact]
    public async Task A_bomb_in_an_archive_is_refused_before_it_unfolds()
    {
        var gzip = new MemoryStream();
        using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(new byte[50_000_000]);

        await Should.ThrowAsync<PlatformTooLargeException>(() => ReadAsync("{ type: GzipDecoder, decoder: { type: JsonlDecoder } }", gzip.ToArray()));
    }
}
