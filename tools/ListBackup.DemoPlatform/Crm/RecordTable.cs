namespace ListBackup.Demo.Crm;

/// <summary>What a listing asks for. With <paramref name="Since"/> rows come by time of change, else in the order of their ids.</summary>
internal readonly record struct ListFilter(bool Archived = false, long? Since = null, long? Parent = null);

/// <summary>The rows of one kind in the order of their numbers. Not thread-safe: <see cref="CrmStore.Gate"/> guards it.</summary>
internal sealed class RecordTable(RecordKind kind, int seededCount)
{
    private const int ViewsMax = 32;

    private readonly List<Row> _rows = new(seededCount);
    private readonly Dictionary<long, Row> _byNumber = new(seededCount);
    private readonly Dictionary<ListFilter, List<Row>> _views = [];
    private Dictionary<(long List, long Contact), Row>? _byMember;

    public RecordKind Kind => kind;

    public IReadOnlyList<Row> Rows => _rows;

    public long NextNumber { get; set; } = 1;

    public Row? Find(long number) => _byNumber.GetValueOrDefault(number);

    public Row? FindMembership(long list, long contact)
    {
        _byMember ??= _rows.Where(row => !row.Gone).ToDictionary(row => (row.Parent, row.Contact));
        return _byMember.GetValueOrDefault((list, contact));
    }

    public void Add(Row row)
    {
        _rows.Add(row);
        _byNumber.Add(row.Number, row);
        _byMember?.Add((row.Parent, row.Contact), row);
        NextNumber = Math.Max(NextNumber, row.Number + 1);
        _views.Clear();
    }

    public void Changed() => _views.Clear();

    public void Remove(Row row)
    {
        row.Gone = true;
        _byNumber.Remove(row.Number);
        _byMember?.Remove((row.Parent, row.Contact));
        _views.Clear();
    }

    /// <summary>The matching rows, kept until something changes, so that paging through a million of them filters and sorts once.</summary>
    public List<Row> View(ListFilter filter)
    {
        if (_views.TryGetValue(filter, out var view)) return view;

        _rows.RemoveAll(row => row.Gone);
        view = _rows.FindAll(row =>
            row.Archived == filter.Archived
            && (filter.Since is null || row.Updated >= filter.Since)
            && (filter.Parent is null || row.Parent == filter.Parent));
        if (filter.Since is not null) view.Sort(ByChange);

        if (_views.Count >= ViewsMax) _views.Clear();
        _views.Add(filter, view);
        return view;
    }

    public static int ByChange(Row left, Row right) =>
        left.Updated != right.Updated ? left.Updated.CompareTo(right.Updated) : left.Number.CompareTo(right.Number);

    public static int ByNumber(Row left, Row right) => left.Number.CompareTo(right.Number);
}
