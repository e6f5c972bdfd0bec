using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads records that describe streams instead of being backed up: which tables there are, which fields they have.</summary>
internal static class DescriptionReading
{
    /// <summary>Each record with the partition that it came from. They are no evidence about the stream that is read.</summary>
    public static async IAsyncEnumerable<(Value Record, Value Slice)> RecordsAsync(
        SimpleRetriever retriever, string name, Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var stream = new StreamProgram { Name = name, PrimaryKey = [], Retriever = retriever, Cursor = null, Transformations = [], Schema = StreamSchema.Nothing };
        await foreach (var page in new PageReading(stream, session) { IsParent = true }.AllAsync(cancellation))
        {
            List<Value> records;
            using (page)
                records = [.. page.Records.Select(record => ValueJson.Detached(ValueJson.Parse(record)))];
            foreach (var record in records)
                yield return (record, page.Partition.Slice(null));
        }
    }
}
