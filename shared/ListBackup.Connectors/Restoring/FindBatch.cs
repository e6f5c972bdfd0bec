using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>Many records looked for in one request, under <c>batch</c> of a find rule. It decides nothing that the rule would decide otherwise; see docs/adr/0022.</summary>
/// <param name="Size">Most records of one request, 2 or more.</param>
/// <param name="Request">Its expressions know the list as <c>items</c>; its <c>record</c> is about each candidate.</param>
/// <param name="Item">One record as it stands in the list; null: what is sent of it for the match.</param>
/// <param name="Records">Where the candidates stand; empty: the answer itself is their list.</param>
/// <param name="Match">What tells which records a candidate may be of. The rule's own conditions decide.</param>
/// <param name="Most">So many candidates are a full page, behind which there may be more; null: the answer has all.</param>
/// <param name="Errors">Where the answer names who is not there; null: whoever it passes over is not, unless there is a candidate that nobody asked for.</param>
/// <param name="Missing">Statuses that mean that none of the records is there.</param>
internal sealed record FindBatch(
    int Size, RestoreOperation Request, TemplateTree? Item, IReadOnlyList<string> Records, BatchMatch Match, int? Most, BatchErrors? Errors, IReadOnlySet<int> Missing)
{
    /// <summary>A request that is refused as a whole says nothing about any one record of it.</summary>
    public bool IsAnswer(HttpAnswer answer, ExpressionContext context) =>
        (int)answer.Status is 400 or 404 or 409 or 410 or 413 or 414 or 422 || Missing.Contains((int)answer.Status) || answer.IsGood && Request.IsRefused(answer, context);

    /// <summary>
    /// Records that can be asked for together: of one address, and of one body besides the list. One that has no key goes alone, and so does one whose key another has
    /// who is asked for otherwise.
    /// </summary>
    public IEnumerable<List<FindItem>> Groups(IEnumerable<FindItem> items)
    {
        var alone = new List<FindItem>();
        foreach (var alike in items.GroupBy(item => item.Address))
        {
            var group = new List<FindItem>();
            var sent = new Dictionary<string, Value>(StringComparer.Ordinal);
            foreach (var item in alike)
            {
                if (item.Key is null || sent.TryGetValue(item.Key, out var other) && !Operators.AreEqual(other, item.Value))
                {
                    alone.Add(item);

                    continue;
                }

                group.Add(item);
                sent.TryAdd(item.Key, item.Value);
                if (sent.Count < Size)
                    continue;
                yield return group;
                (group, sent) = ([], new Dictionary<string, Value>(StringComparer.Ordinal));
            }

            if (group.Count > 0)
                yield return group;
        }

        foreach (var item in alone)
            yield return [item];
    }
}

/// <summary>A record that is looked for.</summary>
/// <param name="Wanted">The record, its references and its own id translated.</param>
/// <param name="Context">The variables of its find rules.</param>
internal sealed class Lookup(Value wanted, ExpressionContext context)
{
    public Value Wanted => wanted;

    public ExpressionContext Context => context;

    public FoundRecord? Found { get; set; }
}

/// <summary>A live record and the rule that found it.</summary>
internal sealed record FoundRecord(Value Live, MatchKind By);

/// <summary>A record in a look-up of many.</summary>
/// <param name="Address">All of the request that may differ from record to record, besides the list.</param>
/// <param name="Key">What tells it in the answer; null when it has nothing of the kind.</param>
/// <param name="Value">As it stands in the list.</param>
internal sealed record FindItem(Lookup Lookup, string Address, string? Key, Value Value)
{
    public static FindItem Of(Lookup lookup, FindBatch batch)
    {
        var without = lookup.Context.With(Variable.Items, Expressions.Value.Of(Enumerable.Empty<Value>()));
        var body = batch.Request.Json is { } json ? ValueJson.ToText(json.EvaluateKept(without)) : "";

        return new FindItem(
            lookup,
            $"{batch.Request.Address(without)}\n{body}",
            batch.Match.SentKey(lookup.Context),
            batch.Item is null ? batch.Match.Sent.Evaluate(lookup.Context) : batch.Item.EvaluateKept(lookup.Context));
    }
}
