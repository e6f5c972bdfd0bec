using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Cursors;

/// <summary>What the state of a stream has to hold.</summary>
/// <param name="Field">The cursor field; null when the stream has none.</param>
/// <param name="HasPartitions">There are partitions.</param>
/// <param name="IsGlobal">All partitions share a cursor because the manifest says so.</param>
/// <param name="IsNumber">Cursors are numbers and are written as such.</param>
/// <param name="BytesMax">A state with more text than this has one cursor for all partitions.</param>
/// <param name="Place">Where a cursor of a state stands in the order of cursors, or null when it is none.</param>
/// <param name="Meets">Whether an interval that starts at the second place goes on where one ended that ends at the first.</param>
internal sealed record StateShape(
    string? Field, bool HasPartitions, bool IsGlobal, bool IsNumber, int BytesMax, Func<string, Value?> Place, Func<Value, Value, bool> Meets);
