using System.Text;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;

namespace ListBackup.Connectors.Decoding;

/// <summary>What the downloads of a report hold: <c>download_extractor</c>.</summary>
/// <param name="Decoder">The table's own decoder; null: the retriever's.</param>
internal sealed record FileTable(BodyDecoder? Decoder, RecordExtractor Extractor)
{
    /// <summary>Spellings of nothing in tables, where a manifest wants them to be nothing.</summary>
    private static readonly HashSet<string> Nothings = new(StringComparer.Ordinal)
    {
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
    };

    /// <summary>
    /// <c>ResponseToFileExtractor</c> is a table of values with commas, packed or not. An empty cell is null. Words like NA are people's names too, so they are
    /// kept, unless the manifest says itself that they are not.
    /// </summary>
    public static FileTable Parse(ComponentReader reader)
    {
        if (reader.Type != "ResponseToFileExtractor")
            return new FileTable(null, RecordExtractor.Parse(reader));

        var keepsWords = reader.Flag("preserve_na_values", fallback: true);
        var table = new CsvDecoder(TextEncodings.Find("utf-8") ?? Encoding.UTF8, ',', keepsWords ? static value => value.Length == 0 : Nothings.Contains);

        return reader.Done(new FileTable(new GzipDecoder(table), new DpathExtractor([], null)));
    }
}
