using System.Buffers;
using System.Text.Json;
using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

/// <summary>Where the records stand in an answer.</summary>
internal sealed class DpathExtractor(IReadOnlyList<Template> path, RecordExpander? expander)
{
    public static DpathExtractor Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(DpathExtractor) => reader.Done(new DpathExtractor(
            reader.Templates("field_path"), reader.ComponentOrNull("record_expander", nameof(RecordExpander), RecordExpander.Parse))),
        _ => throw reader.WrongType("ResponseToFileExtractor", "KeyValueExtractor", "CombinedExtractor"),
    };

    /// <summary>The path with the configuration's values in it.</summary>
    public IReadOnlyList<string> Path(ExpressionContext context) => [.. path.Select(part => part.EvaluateText(context) ?? "")];

    /// <summary>True when the records are slices of the body.</summary>
    public bool IsPlain(IReadOnlyList<string> recordsPath) => expander is null && !recordsPath.Any(part => part.AsSpan().ContainsAny('*', '?'));

    /// <param name="json">The decoded body.</param>
    /// <param name="scratch">Takes the bytes of rows that are not slices of the body.</param>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public PageRows Extract(ReadOnlyMemory<byte> json, BodyDecoder decoder, IReadOnlyList<string> recordsPath, Lazy<PageBuffer> scratch) => IsPlain(recordsPath)
        ? PageSplitter.Split(json, decoder.BodiesPath, recordsPath)
        : Expand(PageSplitter.Split(json, decoder.BodiesPath, []), recordsPath, scratch);

    /// <summary>Wildcards and expansion are rare; they work on values.</summary>
    /// <param name="bodies">The bodies of the page.</param>
    public PageRows Expand(PageRows bodies, IReadOnlyList<string> recordsPath, Lazy<PageBuffer> scratch)
    {
        var rows = new PageRows();
        var written = new List<(int Start, int Length)>();
        foreach (var body in bodies.Rows)
        {
            foreach (var found in ValuePaths.Find(ValueJson.Parse(body), recordsPath))
            {
                foreach (var record in found.Kind == ValueKind.List ? found.List : [found])
                {
                    foreach (var expanded in expander?.Expand(record) ?? [record])
                    {
                        if (expanded.Kind != ValueKind.Map)
                        {
                            rows.Refused++;
                            continue;
                        }

                        var start = scratch.Value.Length;
                        ValueJson.Write(expanded, scratch.Value);
                        written.Add((start, scratch.Value.Length - start));
                    }
                }
            }
        }

        foreach (var (start, length) in written)
            rows.Rows.Add(scratch.Value.Memory.Slice(start, length));

        return rows;
    }
}

/// <summary>Makes one record of each item of a list inside a record.</summary>
internal sealed record RecordExpander(IReadOnlyList<string> Path, bool KeepOriginal, bool ParentWhenEmpty)
{
    public static RecordExpander Parse(ComponentReader reader) => reader.Done(new RecordExpander(
        reader.Texts("expand_records_from_field"),
        reader.Flag("remain_original_record"),
        reader.Choice("on_no_records", "skip", "skip", "emit_parent") == "emit_parent"));

    public IEnumerable<Value> Expand(Value record)
    {
        if (record.Kind != ValueKind.Map)
            return [record];

        var items = ValuePaths.Find(record, Path).SelectMany(found => found.Kind == ValueKind.List ? found.List : Enumerable.Empty<Value>()).ToList();
        if (items.Count == 0)
            return ParentWhenEmpty ? [record] : [];

        return items.Select(item => KeepOriginal && item.Kind == ValueKind.Map ? Value.Of(item.Map.Copy().Set("original_record", record)) : item);
    }
}
