using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Paging;

/// <summary>Computes the token of the next page.</summary>
internal abstract class PaginationStrategy
{
    public Template? PageSize { get; protected init; }

    public static PaginationStrategy Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(PageIncrement) => PageIncrement.Parse(reader),
        nameof(OffsetIncrement) => OffsetIncrement.Parse(reader),
        nameof(CursorPagination) => CursorPagination.Parse(reader),
        _ => throw reader.WrongType(),
    };

    public abstract Value FirstToken(ExpressionContext context);

    /// <summary>The token of the next page, or nothing at the end.</summary>
    /// <param name="context">Knows response, headers, last_record, last_page_size.</param>
    /// <param name="rows">Rows on the page before the manifest's filter: a page of which the filter kept nothing is not the last.</param>
    public abstract Value NextToken(ExpressionContext context, int rows, Value token);

    /// <summary>A short page is the last.</summary>
    protected bool IsLast(ExpressionContext context, int rows) =>
        rows == 0 || (PageSize?.Evaluate(context) is { Kind: ValueKind.Integer } size && rows < size.Long);
}

/// <summary>Pages are numbered.</summary>
internal sealed class PageIncrement(int startFrom, bool onFirst) : PaginationStrategy
{
    public static new PageIncrement Parse(ComponentReader reader) => reader.Done(
        new PageIncrement(reader.IntegerOrNull("start_from_page") ?? 0, reader.Flag("inject_on_first_request"))
        {
            PageSize = reader.TemplateOrNull("page_size"),
        });

    public override Value FirstToken(ExpressionContext context) => onFirst ? Value.Of(startFrom) : Value.None;

    public override Value NextToken(ExpressionContext context, int rows, Value token) =>
        IsLast(context, rows) ? Value.None : Value.Of((token.Kind == ValueKind.Integer ? token.Long : startFrom) + 1);
}

/// <summary>Pages start behind so many rows.</summary>
internal sealed class OffsetIncrement(bool onFirst) : PaginationStrategy
{
    public static new OffsetIncrement Parse(ComponentReader reader) =>
        reader.Done(new OffsetIncrement(reader.Flag("inject_on_first_request")) { PageSize = reader.TemplateOrNull("page_size") });

    public override Value FirstToken(ExpressionContext context) => onFirst ? Value.Of(0) : Value.None;

    public override Value NextToken(ExpressionContext context, int rows, Value token) =>
        IsLast(context, rows) ? Value.None : Value.Of((token.Kind == ValueKind.Integer ? token.Long : 0) + rows);
}

/// <summary>The answer tells how to go on.</summary>
internal sealed class CursorPagination(Template cursor, Template? stop) : PaginationStrategy
{
    public static new CursorPagination Parse(ComponentReader reader)
    {
        // A decoder of its own changed nothing: pages are decoded once, by the retriever.
        reader.Ignore("decoder");

        return reader.Done(new CursorPagination(reader.Template("cursor_value"), reader.TemplateOrNull("stop_condition")) { PageSize = reader.TemplateOrNull("page_size") });
    }

    public override Value FirstToken(ExpressionContext context) => Value.None;

    public override Value NextToken(ExpressionContext context, int rows, Value token)
    {
        if (stop is not null && stop.EvaluateCondition(context))
            return Value.None;

        var next = cursor.Evaluate(context);

        return next.IsTrue ? next : Value.None;
    }
}
