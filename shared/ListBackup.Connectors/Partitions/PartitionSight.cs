using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Partitions;

/// <summary>
/// Looks whether rows are of the partition that was asked for, where they carry a field of the partition's name. A field that only happens to have that
/// name never agrees, so only both together, rows that agree and rows that do not, mean anything.
/// </summary>
internal sealed class PartitionSight
{
    public long RowsOwn { get; private set; }

    /// <summary>Rows that name another partition; 0 while none agrees.</summary>
    public long RowsOther => RowsOwn == 0 ? 0 : _others;

    private long _others;

    public void Look(Partition partition, IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        if (partition.Fields.Count == 0 || rows.Count == 0)
            return;
        foreach (var (name, value) in partition.Fields)
        {
            // Rows that lack the field in the first of them lack it everywhere, and looking for it costs reading them whole.
            if (value.Kind is ValueKind.Text or ValueKind.Integer && IsScalar(JsonField.Find(rows[0], name)))
                Compare(rows, name, PythonText.Str(value));
        }
    }

    private void Compare(IReadOnlyList<ReadOnlyMemory<byte>> rows, string name, string wanted)
    {
        foreach (var row in rows)
        {
            var found = JsonField.Find(row, name);
            if (!IsScalar(found))
                continue;
            if (PythonText.Str(found) == wanted)
                RowsOwn++;
            else
                _others++;
        }
    }

    private static bool IsScalar(Value value) => value.Kind is ValueKind.Text or ValueKind.Integer;
}
