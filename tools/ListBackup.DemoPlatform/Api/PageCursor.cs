using System.Buffers.Text;
using System.Text;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Api;

/// <summary>
/// Where the next page starts: after this row. A cursor stays right while rows are added and deleted, which an offset does not. It holds the filter,
/// because a cursor of one question is no answer to another.
/// </summary>
internal readonly record struct PageCursor(RecordKind Kind, ListFilter Filter, long Updated, long Number)
{
    public static PageCursor After(RecordKind kind, ListFilter filter, Row row) => new(kind, filter, row.Updated, row.Number);

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{(int)Kind}|{Question(Filter)}|{Updated}|{Number}"));

    public static PageCursor Parse(string text, RecordKind kind, ListFilter filter)
    {
        try
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('|');
            if (parts.Length == 4 && parts[0] == ((int)kind).ToString() && parts[1] == Question(filter))
            {
                return new PageCursor(kind, filter, long.Parse(parts[2]), long.Parse(parts[3]));
            }
        }
        catch (FormatException)
        {
            // Refused below, like a cursor of another listing.
        }

        throw new ApiProblem(400, "bad_cursor", "The cursor does not belong to this listing.");
    }

    public int IndexIn(List<Row> view)
    {
        var comparer = Comparer<Row>.Create(Filter.Since is null ? RecordTable.ByNumber : RecordTable.ByChange);
        var found = view.BinarySearch(new Row { Number = Number, Updated = Updated }, comparer);
        return found >= 0 ? found + 1 : ~found;
    }

    private static string Question(ListFilter filter) => $"{filter.Archived},{filter.Since},{filter.Parent}";
}
