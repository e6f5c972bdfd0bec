using System.Text.Json;
using System.Text.Unicode;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Records;

/// <summary>The rows of a page: slices of its bytes.</summary>
internal sealed class PageRows
{
    public List<ReadOnlyMemory<byte>> Rows { get; } = [];

    /// <summary>Rows that cannot be records.</summary>
    public int Refused { get; set; }

    public int Count => Rows.Count + Refused;

    /// <summary>What the platform has listed, where the rows were made of it; otherwise the rows themselves.</summary>
    public int Listed { get => field < 0 ? Count : field; set; } = -1;
}

/// <summary>Cuts a page of JSON into its records in one pass, which also proves the whole page to be JSON.</summary>
internal static class PageSplitter
{
    /// <exception cref="JsonException">The page is no JSON, or nested deeper than <see cref="ValueJson.DepthMax"/>.</exception>
    /// <param name="bodiesPath">Where the bodies stand; a list there is a list of bodies.</param>
    /// <param name="recordsPath">Where in each body the records stand. No wildcards.</param>
    public static PageRows Split(ReadOnlyMemory<byte> page, IReadOnlyList<string> bodiesPath, IReadOnlyList<string> recordsPath)
    {
        var rows = new PageRows();
        if (page.Span.Trim(" \t\r\n"u8).IsEmpty)
            return rows;

        // Strings are not checked while they are skipped, so their encoding is checked once for the whole page, which costs next to nothing.
        var isText = Utf8.IsValid(page.Span);
        var reader = new Utf8JsonReader(page.Span, ValueJson.ReaderOptions);
        reader.Read();
        var walk = new Walk(page, rows, isText, bodiesPath, recordsPath);
        walk.Bodies(ref reader, 0);
        if (reader.Read())
            throw new JsonException();

        return rows;
    }

    internal static bool IsEmptyObject(ReadOnlySpan<byte> row) => row.Length < 64 && row is [(byte)'{', .., (byte)'}'] && row[1..^1].Trim(" \t\r\n"u8).IsEmpty;

    private readonly struct Walk(
        ReadOnlyMemory<byte> page, PageRows rows, bool isText, IReadOnlyList<string> bodiesPath, IReadOnlyList<string> recordsPath)
    {
        /// <summary>Descends to the bodies; on return the reader stands at the end of the value that it stood on.</summary>
        public void Bodies(ref Utf8JsonReader reader, int at)
        {
            if (at < bodiesPath.Count)
            {
                Descend(ref reader, bodiesPath, at, isBody: true);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Records(ref reader, 0);
            }
            else
            {
                Records(ref reader, 0);
            }
        }

        private void Records(ref Utf8JsonReader reader, int at)
        {
            if (at < recordsPath.Count)
            {
                Descend(ref reader, recordsPath, at, isBody: false);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Row(ref reader, alone: false);
            }
            else
            {
                Row(ref reader, alone: true);
            }
        }

        private void Descend(ref Utf8JsonReader reader, IReadOnlyList<string> path, int at, bool isBody)
        {
            if (reader.TokenType == JsonTokenType.StartArray && int.TryParse(path[at], out var index))
            {
                for (var item = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; item++)
                    Next(ref reader, at, isBody, item == index);

                return;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(path[at]);
                reader.Read();
                Next(ref reader, at, isBody, found);
            }
        }

        private void Next(ref Utf8JsonReader reader, int at, bool isBody, bool found)
        {
            if (!found)
                reader.Skip();
            else if (isBody)
                Bodies(ref reader, at + 1);
            else
                Records(ref reader, at + 1);
        }

        private void Row(ref Utf8JsonReader reader, bool alone)
        {
            var start = (int)reader.TokenStartIndex;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            var isNothing = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            var row = page[start..(int)reader.BytesConsumed];

            // Where one record could stand, null and {} mean that there is none.
            if (alone && (isNothing || IsEmptyObject(row.Span)))
                return;
            if (isObject && (isText || Utf8.IsValid(row.Span)))
                rows.Rows.Add(row);
            else
                rows.Refused++;
        }
    }
}
