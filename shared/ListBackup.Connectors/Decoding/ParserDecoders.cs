using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Decoding;

/// <summary>The older spelling of decoders: <c>CompositeRawDecoder</c> with parsers inside of each other.</summary>
internal static class ParserDecoders
{
    public static BodyDecoder Parse(ComponentReader reader) => reader.Done(reader.Component("parser", "JsonParser", ParseParser));

    private static BodyDecoder ParseParser(ComponentReader reader) => reader.Type switch
    {
        "JsonParser" => reader.Done<BodyDecoder>(JsonDecoder.In(CsvDecoder.EncodingOf(reader))),
        "JsonLineParser" => reader.Done<BodyDecoder>(new JsonlDecoder(CsvDecoder.EncodingOf(reader))),
        "CsvParser" => CsvDecoder.Parse(reader),
        "GzipParser" => reader.Done<BodyDecoder>(new GzipDecoder(reader.Component("inner_parser", "JsonParser", ParseParser))),
        _ => throw reader.WrongType(),
    };
}
