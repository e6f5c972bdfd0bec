using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>RFC 4180 with a header line: one column per top-level field that the stream was seen to have, sorted by name; lists and objects as JSON; ordered by key.</summary>
public static class CsvExport
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("\",\r\n");

    /// <summary>The top-level fields of a schema. Where more fields were seen than are kept, the rest is in a last column <c>_more</c> as JSON.</summary>
    public static IReadOnlyList<string> Columns(ObservedSchema schema) =>
    [
        .. schema.Fields.Select(f => f.Path.Split('/')[1].Replace("~1", "/").Replace("~0", "~")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    public static async Task<long> WriteAsync(IReadOnlyList<string> columns, IAsyncEnumerable<Record> records, PipeWriter output, CancellationToken cancellation)
    {
        Write(string.Join(',', columns.Append(MoreColumn).Select(Quoted)), output);
        var count = 0L;
        await foreach (var record in records.WithCancellation(cancellation))
        {
            Write(Line(columns, record.Json), output);
            await output.FlushAsync(cancellation);
            count++;
        }
        await output.FlushAsync(cancellation);
        return count;
    }

    private const string MoreColumn = "_more";

    private static string Line(IReadOnlyList<string> columns, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = 256 });
        var line = new StringBuilder();
        foreach (var column in columns)
        {
            if (document.RootElement.TryGetProperty(column, out var value)) line.Append(Quoted(Text(value)));
            line.Append(',');
        }
        return line.Append(Quoted(More(columns, document.RootElement))).ToString();
    }

    /// <summary>Fields that no column has: nothing is left out without a trace.</summary>
    private static string More(IReadOnlyList<string> columns, JsonElement record)
    {
        var known = columns.ToHashSet(StringComparer.Ordinal);
        var rest = record.EnumerateObject().Where(member => !known.Contains(member.Name)).Select(member => $"\"{JsonEncodedText.Encode(member.Name)}\":{member.Value.GetRawText()}").ToList();
        return rest.Count == 0 ? "" : $"{{{string.Join(',', rest)}}}";
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString() ?? "",
        _ => value.GetRawText(),
    };

    private static string Quoted(string text)
    {
        // A spreadsheet would run these as formulas; a leading apostrophe makes them text.
        if (text is ['=' or '@' or '\t', ..]) text = "'" + text;
        return text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    private static void Write(string line, PipeWriter output)
    {
        Encoding.UTF8.GetBytes(line, output);
        "\r\n"u8.CopyTo(output.GetSpan(2));
        output.Advance(2);
    }
}
