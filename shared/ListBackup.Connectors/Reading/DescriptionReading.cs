using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads records that describe streams instead of being backed up: which tables there are, which fields they have.</summary>
internal static class DescriptionReading
{
    /// <summary>Each record with the partition that it came from. They are no evidence about the stream that is read, save for those that cannot be understood.</summary>
    public static async IAsyncEnumerable<(Value Record, Value Slice)> RecordsAsync(
        SimpleRetriever retriever, string name, Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var stream = new StreamProgram { Name = name, PrimaryKey = [], Retriever = retriever, Cursor = null, Transformations = [], Schema = StreamSchema.Nothing };
        await foreach (var page in new PageReading(stream, session) { IsParent = true }.AllAsync(cancellation))
        {
            // The others stand, as one that cannot be understood is no reason to have no backup of them; that some are unknown has to be told.
            if (page.Refused > 0)
                session.Evidence = session.Evidence with { DescriptionsRefused = session.Evidence.DescriptionsRefused + page.Refused };
            List<Value> records;
            using (page)
                records = [.. page.Records.Select(record => ValueJson.Detached(ValueJson.Parse(record)))];
            foreach (var record in records)
                yield return (record, page.Partition.Slice(null));
        }
    }
}
