using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>One record of a batch.</summary>
/// <param name="Context">The variables of its own write.</param>
/// <param name="Prepared">As this operation sends it.</param>
/// <param name="Address">Where it is to be written. Records of one request share it.</param>
/// <param name="Keys">What tells it in the answer, for each way to match.</param>
/// <param name="CanBeFound">False when the platform could not be asked for it, were the answer lost.</param>
internal sealed record BatchItem(PendingWrite Write, ExpressionContext Context, PreparedRecord Prepared, string Address, IReadOnlyList<string?> Keys, bool CanBeFound)
{
    public static BatchItem Of(PendingWrite write, RestoreOperation operation, BatchOperation batch, ExpressionContext context, bool canBeFound)
    {
        var prepared = operation.Fit(write.Prepared!); // Only what is ready to be sent comes here.
        context = context.With(Variable.Record, prepared.Record);

        return new BatchItem(write, context, prepared, batch.Request.Address(context), [.. batch.Match.Select(match => match.SentKey(context))], canBeFound);
    }

    public Value Value(RestoreOperation operation, BatchOperation batch) => (batch.Item ?? operation.Json)?.EvaluateKept(Context) ?? Prepared.Record;
}

/// <summary>What becomes of the records of a batch.</summary>
internal static class WriteBatch
{
    /// <summary>
    /// Records in their order, in groups that can go out together: of one address, and told apart by every key that they have. One that has no key at all, or that
    /// nobody could look for, goes alone.
    /// </summary>
    public static IEnumerable<List<BatchItem>> Groups(IEnumerable<BatchItem> items, BatchOperation batch)
    {
        var group = new List<BatchItem>();
        var keys = new HashSet<(int, string)>();
        foreach (var item in items)
        {
            var own = item.Keys.Select((key, way) => (Way: way, Key: key)).Where(pair => pair.Key is not null).Select(pair => (pair.Way, pair.Key!)).ToList();
            var isAlone = !item.CanBeFound || batch.Match.Count > 0 && own.Count == 0;
            if (group.Count > 0 && (group.Count == batch.Size || isAlone || group[0].Address != item.Address || own.Any(keys.Contains)))
            {
                yield return group;
                group = [];
                keys.Clear();
            }

            group.Add(item);
            keys.UnionWith(own);
            if (!isAlone)
                continue;
            yield return group;
            group = [];
        }

        if (group.Count > 0)
            yield return group;
    }

    /// <summary>The same for every repetition with the same records, and another for any others.</summary>
    public static string IdempotencyKey(IEnumerable<BatchItem> items) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', items.Select(item => item.Write.Request.IdempotencyKey)))))[..32];

    /// <summary>The entries of the answer that say that a record was written, by record.</summary>
    public static Dictionary<BatchItem, Value> Written(IReadOnlyList<BatchItem> items, BatchOperation batch, Value answer, ExpressionContext context)
    {
        var entries = Entries(batch.Results, answer);
        if (batch.Match.Count == 0)
            return entries.Count == items.Count ? items.Zip(entries).ToDictionary(pair => pair.First, pair => pair.Second) : [];

        var written = new Dictionary<BatchItem, Value>();
        for (var way = 0; way < batch.Match.Count; way++)
        {
            var byKey = items.Where(item => item.Keys[way] is not null && !written.ContainsKey(item)).ToDictionary(item => item.Keys[way]!, StringComparer.Ordinal);
            foreach (var entry in entries)
            {
                foreach (var key in batch.Match[way].AnsweredKeys(context, entry))
                {
                    if (byKey.Remove(key, out var item))
                        written[item] = entry;
                }
            }
        }

        return written;
    }

    /// <summary>The entries of the answer that say that a record was not taken, by record.</summary>
    public static Dictionary<BatchItem, Value> Refused(IReadOnlyList<BatchItem> items, BatchOperation batch, Value answer, ExpressionContext context)
    {
        var refused = new Dictionary<BatchItem, Value>();
        if (batch.Errors is not { } errors)
            return refused;

        var byKey = items.Select(item => (Item: item, Key: errors.Match.SentKey(item.Context))).Where(pair => pair.Key is not null).ToLookup(pair => pair.Key!, pair => pair.Item);
        foreach (var entry in Entries(errors.Records, answer))
        {
            foreach (var item in errors.Match.AnsweredKeys(context, entry).SelectMany(key => byKey[key]))
                refused[item] = entry;
        }

        return refused;
    }

    /// <summary>The platform's own code, where it is a word: a sentence may hold what the record holds.</summary>
    public static string? Code(BatchOperation batch, Value entry, ExpressionContext context) =>
        batch.Errors?.Code?.EvaluateText(context.With(Variable.Result, entry)) is { Length: > 0 and <= 60 } code && code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? code : null;

    public static IReadOnlyList<Value> Entries(IReadOnlyList<FieldPath> places, Value answer) =>
        places.Count == 0 ? Entries(answer) : [.. places.SelectMany(place => Entries(ValuePaths.Get(answer, place.Keys)))];

    private static List<Value> Entries(Value list) => list.Kind == ValueKind.List ? [.. list.List] : [];
}
