using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Paging;

/// <summary>Computes the token of the next page.</summary>
internal abstract class PaginationStrategy
{
    public Template? PageSize { get; protected init; }

    /// <summary>Any page can be named, also one behind the last: the platform does not tell how to go on, so its page size decides where the end is.</summary>
    public virtual bool IsCounted => false;

    public static PaginationStrategy Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(PageIncrement) => PageIncrement.Parse(reader),
        nameof(OffsetIncrement) => OffsetIncrement.Parse(reader),
        nameof(CursorPagination) => CursorPagination.Parse(reader),
        _ => throw reader.WrongType(),
    };

    public abstract Value FirstToken(ExpressionContext context);

    /// <summary>The token of the next page. Nothing when the answer says that there is none; pages that are counted always have one, and <see cref="PageCourse"/> ends them.</summary>
    /// <param name="context">Knows response, headers, last_record, last_page_size.</param>
    /// <param name="rows">Rows on the page before the manifest's filter: a page of which the filter kept nothing is not the last.</param>
    public abstract Value NextToken(ExpressionContext context, int rows, Value token);

    /// <summary>Rows that a page is asked to have, or null.</summary>
    public long? Asked(ExpressionContext context) => PageSize?.Evaluate(context) is { IsSmallInteger: true, Long: > 0 } size ? size.Long : null;
}

/// <summary>Pages are numbered.</summary>
internal sealed class PageIncrement(int startFrom, bool onFirst) : PaginationStrategy
{
    public override bool IsCounted => true;

    public static new PageIncrement Parse(ComponentReader reader) => reader.Done(
        new PageIncrement(reader.IntegerOrNull("start_from_page") ?? 0, reader.Flag("inject_on_first_request"))
        {
            PageSize = reader.TemplateOrNull("page_size"),
        });

    public override Value FirstToken(ExpressionContext context) => onFirst ? Value.Of(startFrom) : Value.None;

    public override Value NextToken(ExpressionContext context, int rows, Value token) =>
        Value.Of((token.Kind == ValueKind.Integer ? token.Long : startFrom) + 1);
}

/// <summary>Pages start behind so many rows: those that really came, whatever was asked for.</summary>
internal sealed class OffsetIncrement(bool onFirst) : PaginationStrategy
{
    public override bool IsCounted => true;

    public static new OffsetIncrement Parse(ComponentReader reader) =>
        reader.Done(new OffsetIncrement(reader.Flag("inject_on_first_request")) { PageSize = reader.TemplateOrNull("page_size") });

    public override Value FirstToken(ExpressionContext context) => onFirst ? Value.Of(0) : Value.None;

    public override Value NextToken(ExpressionContext context, int rows, Value token) =>
        Value.Of((token.Kind == ValueKind.Integer ? token.Long : 0) + rows);
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
