using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Restoring;

/// <summary>Many records of one kind in one request, under <c>batch</c> beside create, update or upsert.</summary>
/// <param name="Size">Most records of one request, 2 or more.</param>
/// <param name="Request">Its expressions know the list as <c>items</c>; its <c>record</c> and <c>new_id</c> are about each entry of the answer.</param>
/// <param name="Item">One record as it stands in the list; null: as it is sent alone.</param>
/// <param name="Results">Lists of what was written; empty: the answer itself is the list.</param>
/// <param name="Match">What tells which entry is which record, the surest first; empty: their order does.</param>
internal sealed record BatchOperation(
    int Size, RestoreOperation Request, TemplateTree? Item, IReadOnlyList<FieldPath> Results, IReadOnlyList<BatchMatch> Match, BatchErrors? Errors);

/// <summary>The same text of a record and of what the answer says about it.</summary>
/// <param name="Sent">Of the record, in the variables of its own write.</param>
/// <param name="Answered">Of an entry of the answer, which is <c>result</c> there. A list names several records.</param>
internal sealed record BatchMatch(Template Sent, Template Answered)
{
    public string? SentKey(ExpressionContext context) => Text(Sent.Evaluate(context));

    public IEnumerable<string> AnsweredKeys(ExpressionContext context, Value entry)
    {
        var value = Answered.Evaluate(context.With(Variable.Result, entry));

        return value.Kind == ValueKind.List ? value.List.Select(Text).OfType<string>() : Text(value) is { } text ? [text] : [];
    }

    /// <summary>Addresses are among them, in which case tells nobody apart.</summary>
    private static string? Text(Value value) =>
        value.IsNothing || PythonText.Str(value).Trim() is not { Length: > 0 } text ? null : text.ToLowerInvariant();
}

/// <summary>Where the answer tells which records were not taken.</summary>
/// <param name="Code">The platform's code of the mistake, told to people when it is a word and so cannot be content.</param>
internal sealed record BatchErrors(IReadOnlyList<FieldPath> Records, BatchMatch Match, Template? Code);
