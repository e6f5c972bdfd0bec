using System.Text.Json;
using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

/// <summary>An extractor of which all paths are known.</summary>
/// <param name="plainPath">Where the records stand as slices of a body; null: they have to be made.</param>
/// <param name="listed">What a body lists.</param>
/// <param name="expand">The records that one listed value becomes; null: it is the record.</param>
internal sealed class BoundExtractor(IReadOnlyList<string>? plainPath, Func<Value, IEnumerable<Value>> listed, Func<Value, IEnumerable<Value>>? expand)
{
    /// <summary>Null when the records are no slices of the body.</summary>
    public IReadOnlyList<string>? PlainPath => plainPath;

    /// <summary>All that one body holds.</summary>
    public IEnumerable<Value> Values(Value body) => expand is null ? listed(body) : listed(body).SelectMany(expand);

    /// <param name="json">The decoded body.</param>
    /// <param name="scratch">Takes the bytes of rows that are not slices of the body.</param>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public PageRows Extract(ReadOnlyMemory<byte> json, BodyDecoder decoder, Lazy<PageBuffer> scratch) => plainPath is not null
        ? PageSplitter.Split(json, decoder.BodiesPath, plainPath)
        : Make(PageSplitter.Split(json, decoder.BodiesPath, []), scratch);

    /// <summary>Wildcards, expansion and tables are rare; they work on values.</summary>
    /// <param name="bodies">The bodies of the page.</param>
    public PageRows Make(PageRows bodies, Lazy<PageBuffer> scratch)
    {
        var rows = new PageRows { Refused = bodies.Refused, Listed = bodies.Refused };
        var written = new List<(int Start, int Length)>();
        foreach (var one in bodies.Rows.SelectMany(body => listed(ValueJson.Parse(body))))
        {
            // A paginator counts what the platform lists, not what we make of it.
            rows.Listed++;
            foreach (var record in expand?.Invoke(one) ?? [one])
            {
                if (record.Kind != ValueKind.Map)
                {
                    rows.Refused++;
                    continue;
                }

                var start = scratch.Value.Length;
                ValueJson.Write(record, scratch.Value);
                written.Add((start, scratch.Value.Length - start));
            }
        }

        foreach (var (start, length) in written)
            rows.Rows.Add(scratch.Value.Memory.Slice(start, length));

        return rows;
    }
}
