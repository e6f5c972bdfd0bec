using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Faults;

namespace ListBackup.Demo.Api;

/// <summary>
/// The three ways of this API to cut a listing into pages. Rows go from their stored bytes to the socket; nothing is parsed or formatted on the way.
/// </summary>
internal sealed class Listings(CrmStore store, RecordBytes records, DemoPlatformOptions options)
{
    private const int LimitDefault = 50;

    /// <summary>offset and limit, with a total.</summary>
    public async Task OffsetPageAsync(HttpContext context, RecordKind kind, ListFilter filter)
    {
        var offset = ApiQuery.Int(context, "offset", 0);
        var limit = Limit(context, "limit");
        lock (store.Gate)
        {
            var view = store[kind].View(filter);
            var body = Begin(context);
            Write(body, "{\"data\":"u8);
            WriteRows(context, body, kind, view, offset, limit);
            Write(body, $",\"offset\":{offset},\"limit\":{limit},\"total\":{PageFaults.Total(context, view.Count)}}}");
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>page and per_page; pages count from 1, and one past the end is empty.</summary>
    public async Task NumberedPageAsync(HttpContext context, RecordKind kind, ListFilter filter)
    {
        var page = ApiQuery.Int(context, "page", 1, min: 1);
        var limit = Limit(context, "per_page");
        lock (store.Gate)
        {
            var view = store[kind].View(filter);
            var total = PageFaults.Total(context, view.Count);
            var body = Begin(context);
            Write(body, $"{{\"{RecordKinds.Plural(kind)}\":");
            WriteRows(context, body, kind, view, (page - 1L) * limit, limit);
            Write(body, $",\"page\":{page},\"per_page\":{limit},\"pages\":{(total + limit - 1) / limit},\"total\":{total}}}");
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>An opaque cursor in the answer, null at the end.</summary>
    public Task CursorPageAsync(HttpContext context, RecordKind kind, ListFilter filter) =>
        FollowedPageAsync(context, kind, filter, (body, limit, next) =>
            Write(body, next is null ? ",\"next_cursor\":null}" : $",\"next_cursor\":\"{next}\"}}"));

    /// <summary>The whole address of the next page, null at the end.</summary>
    public Task LinkedPageAsync(HttpContext context, RecordKind kind, ListFilter filter) =>
        FollowedPageAsync(context, kind, filter, (body, limit, next) =>
        {
            if (next is null)
            {
                Write(body, ",\"next\":null}"u8);
                return;
            }

            var request = context.Request;
            var since = ApiQuery.Text(context, "updated_since");
            var address = new StringBuilder($"{request.Scheme}://{request.Host}{request.Path}?cursor={next}&limit={limit}");
            if (since is not null) address.Append("&updated_since=").Append(Uri.EscapeDataString(since));
            if (filter.Parent is not null) address.Append("&contact_id=").Append(filter.Parent);
            Write(body, $",\"next\":\"{address}\"}}");
        });

    /// <summary>The answer to a search: all of it, at most one page.</summary>
    public async Task FoundAsync(HttpContext context, RecordKind kind, Func<List<Row>> find)
    {
        lock (store.Gate)
        {
            var found = find();
            var body = Begin(context);
            Write(body, $"{{\"{(kind == RecordKind.Contact ? "data" : RecordKinds.Plural(kind))}\":");
            WriteRows(context, body, kind, found, 0, options.PageSizeMax);
            Write(body, $",\"total\":{found.Count}}}");
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private async Task FollowedPageAsync(HttpContext context, RecordKind kind, ListFilter filter, Action<PipeWriter, int, string?> writeEnd)
    {
        var limit = Limit(context, "limit");
        var cursor = ApiQuery.Text(context, "cursor");
        lock (store.Gate)
        {
            var view = store[kind].View(filter);
            var start = cursor is null ? 0 : PageCursor.Parse(cursor, kind, filter).IndexIn(view);
            var end = Math.Min(start + limit, view.Count);
            var body = Begin(context);
            Write(body, "{\"data\":"u8);
            WriteRows(context, body, kind, view, start, limit);
            writeEnd(body, limit, end < view.Count ? PageCursor.After(kind, filter, view[end - 1]).ToString() : null);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private int Limit(HttpContext context, string name) => Math.Min(ApiQuery.Int(context, name, LimitDefault, min: 1), options.PageSizeMax);

    private void WriteRows(HttpContext context, PipeWriter body, RecordKind kind, List<Row> view, long start, int limit)
    {
        if (PageFaults.RepeatsPage(context)) start = Math.Max(0, start - limit);

        Write(body, "["u8);
        var end = Math.Min(start + limit, view.Count);
        for (var i = start; i < end; i++)
        {
            if (i > start) Write(body, ","u8);
            records.Write(context, body, kind, view[(int)i]);
        }

        Write(body, "]"u8);
    }

    private static PipeWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.BodyWriter;
    }

    private static void Write(PipeWriter body, ReadOnlySpan<byte> bytes) => body.Write(bytes);

    private static void Write(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);

    private static void Write(PipeWriter body, FormattableString text) => Write(body, text.ToString(CultureInfo.InvariantCulture));
}
