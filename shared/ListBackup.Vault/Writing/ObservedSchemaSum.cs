using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>Adds observed schemas: of partitions, of drafts, of the parent snapshot.</summary>
internal sealed class ObservedSchemaSum
{
    private readonly SortedDictionary<string, ObservedField> _fields = new(StringComparer.Ordinal);
    private long _records;
    private bool _isTruncated;

    public void Add(ObservedSchema schema)
    {
        _records += schema.Records;
        _isTruncated |= schema.IsTruncated;
        foreach (var field in schema.Fields)
        {
            if (_fields.TryGetValue(field.Path, out var known)) _fields[field.Path] = Sum(known, field);
            else if (_fields.Count < SchemaTree.FieldsMax) _fields.Add(field.Path, field);
            else _isTruncated = true;
        }
    }

    /// <summary>The sum; fields that no earlier snapshot has seen begin at the given one.</summary>
    public ObservedSchema ToSchema(long newSeq = 0) =>
        new(_records, [.. _fields.Values.Select(field => field.FirstSeq == 0 ? field with { FirstSeq = newSeq } : field)], _isTruncated);

    private static ObservedField Sum(ObservedField known, ObservedField more) => known with
    {
        Types = [.. known.Types.Union(more.Types, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        Count = known.Count + more.Count,
        FirstSeq = known.FirstSeq == 0 ? more.FirstSeq : known.FirstSeq,
    };
}
