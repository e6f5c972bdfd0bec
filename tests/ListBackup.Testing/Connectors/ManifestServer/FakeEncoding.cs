using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml;

namespace ListBackup.Testing.Manifests;

/// <summary>Writes an answer's JSON in the form that the manifest's decoder reads.</summary>
internal static class FakeEncoding
{
    /// <summary>True for forms whose rows are texts in columns.</summary>
    public static bool IsFlat(Component decoder) => Leaf(decoder).Type is "CsvDecoder" or "CsvParser" or "XmlDecoder" or "IterableDecoder";

    public static byte[] Encode(Component? decoder, string json) => decoder?.Type switch
    {
        null or "" or "JsonDecoder" or "JsonParser" or "JsonItemsDecoder" => Encoding.UTF8.GetBytes(json),
        "JsonlDecoder" or "JsonLineParser" => Encoding.UTF8.GetBytes(string.Concat(Items(json).Select(item => item.GetRawText().Replace("\n", " ", StringComparison.Ordinal) + "\n"))),
        "IterableDecoder" => Encoding.UTF8.GetBytes(string.Join('\n', Items(json).Select(Line))),
        "CsvDecoder" or "CsvParser" => Encoding.GetEncoding(decoder.Text("encoding") ?? "utf-8").GetBytes(Csv(json, decoder.Text("delimiter") is { Length: > 0 } delimiter ? delimiter.Replace("\\t", "\t", StringComparison.Ordinal) : ",")),
        "XmlDecoder" => Xml(json),
        "GzipDecoder" => Gzip(Encode(decoder.Child("decoder"), json)),
        "GzipParser" => Gzip(Encode(decoder.Child("inner_parser"), json)),
        "ZipfileDecoder" => Zip(Encode(decoder.Child("decoder") ?? decoder.Child("parser"), json)),
        "CompositeRawDecoder" => Encode(decoder.Child("parser"), json),
        _ => throw new CannotServeException("component", decoder!.Type),
    };

    /// <summary>The record that a line of plain text becomes.</summary>
    public static string Line(JsonElement record) => record.EnumerateObject().First().Value.ToString();

    public static bool IsLines(Component? decoder) => decoder is not null && Leaf(decoder).Type == "IterableDecoder";

    private static Component Leaf(Component decoder) =>
        decoder.Child("decoder") is { } inner ? Leaf(inner) : decoder.Child("parser") is { } parser ? Leaf(parser) : decoder.Child("inner_parser") is { } deeper ? Leaf(deeper) : decoder;

    private static IEnumerable<JsonElement> Items(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;

        return root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
    }

    private static string Csv(string json, string delimiter)
    {
        var rows = Items(json).ToList();
        if (rows.Count == 0)
            return "";
        var names = rows[0].EnumerateObject().Select(member => member.Name).ToList();
        var text = new StringBuilder(string.Join(delimiter, names.Select(Quoted))).Append("\r\n");
        foreach (var row in rows)
            text.AppendJoin(delimiter, names.Select(name => Quoted(row.GetProperty(name).ToString()))).Append("\r\n");

        return text.ToString();
    }

    private static string Quoted(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static byte[] Xml(string json)
    {
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            var root = JsonDocument.Parse(json).RootElement;
            var only = root.EnumerateObject().First();
            Element(writer, only.Name, only.Value);
        }

        return stream.ToArray();
    }

    private static void Element(XmlWriter writer, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Element(writer, name, item);

            return;
        }

        writer.WriteStartElement(XmlConvert.EncodeLocalName(name));
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
                Element(writer, member.Name, member.Value);
        }
        else if (value.ValueKind != JsonValueKind.Null)
        {
            writer.WriteString(value.ToString());
        }

        writer.WriteEndElement();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(content);

        return output.ToArray();
    }

    private static byte[] Zip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var archive = new ZipArchive(output, ZipArchiveMode.Create))
        {
            using var entry = archive.CreateEntry("rows.txt").Open();
            entry.Write(content);
        }

        return output.ToArray();
    }
}
