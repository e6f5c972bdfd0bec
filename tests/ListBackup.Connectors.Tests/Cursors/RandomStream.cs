using System.Globalization;
using System.Text;
using CsCheck;

namespace ListBackup.Connectors.Cursors;

public enum StreamKind
{
    NoCursor,
    Date,
    Feed,
    ClientSide,
    Count,
}

public enum StreamPaging
{
    None,
    Page,
    Offset,
    Token,
}

/// <summary>A stream made at random: what its manifest says, what its platform holds, and how the platform behaves.</summary>
/// <param name="Partitions">Null: the stream has none.</param>
/// <param name="PageSize">What the manifest asks for.</param>
/// <param name="PageSizeMax">What the platform gives at most.</param>
/// <param name="Rows">Partition (by number) and second since the start of each row.</param>
/// <param name="Later">The same for rows that are written after the first read.</param>
public sealed record RandomStream(
    StreamKind Kind, StreamPaging Paging, bool IsGlobal, string? Step, string? LookBack, int? Partitions, int PageSize, int PageSizeMax, int StateBytesMax,
    (int Partition, int Second)[] Rows, (int Partition, int Second)[] Later)
{
    public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset FirstRead = Start.AddDays(9);
    public static readonly DateTimeOffset SecondRead = Start.AddDays(10);

    private const int Seconds = 9 * 24 * 3600;

    public static Gen<RandomStream> Gen { get; } =
        from kind in CsCheck.Gen.Enum<StreamKind>()
        from paging in CsCheck.Gen.Enum<StreamPaging>()
        from isGlobal in CsCheck.Gen.Bool
        from step in Choice<string?>(null, "P1D", "P3D", "PT50H")
        from lookBack in Choice<string?>(null, "PT1H", "P2D")
        from partitions in CsCheck.Gen.Int[0, 5]
        from size in CsCheck.Gen.Int[1, 4]
        from most in CsCheck.Gen.Int[1, 4]
        from bytes in Choice(1_000_000, 150)
        from rows in CsCheck.Gen.Select(CsCheck.Gen.Int[0, 4], CsCheck.Gen.OneOf(CsCheck.Gen.Int[0, Seconds - 1], CsCheck.Gen.Int[0, 8].Select(day => day * 24 * 3600))).Array[0, 14]
        from later in CsCheck.Gen.Select(CsCheck.Gen.Int[0, 4], CsCheck.Gen.Int[Seconds, Seconds + (24 * 3600) - 1]).Array[0, 5]
        select new RandomStream(kind, paging, isGlobal, step, lookBack, partitions == 0 ? null : partitions, size, most, bytes, rows, later);

    public string[] Names { get; } = [.. Enumerable.Range(0, Partitions ?? 1).Select(number => $"p{number}")];

    /// <summary>The manifest, for a platform that has these partitions.</summary>
    public string Manifest(IEnumerable<string> names) => Manifests.OneStream(
        Partitions is null ? "/items/p0" : "/items/{{ stream_partition.part }}",
        (Partitions is null ? "" : $"partition_router: {{ type: ListPartitionRouter, cursor_field: part, values: [{string.Join(", ", names)}] }}\n") + Paginator,
        Cursor);

    /// <summary>Every row that the platform has, by its id.</summary>
    public List<(string Partition, int Id, DateTimeOffset At)> All(bool withLater) =>
        [.. (withLater ? Rows.Concat(Later) : Rows).Select((row, id) => (Names[row.Partition % Names.Length], id + 1, Start.AddSeconds(row.Second)))];

    /// <summary>What the platform answers.</summary>
    internal (int Status, string Json) Answer(string path, Func<string, string> query, bool withLater)
    {
        var rows = All(withLater).Where(row => path == $"/items/{row.Partition}");
        if (Kind == StreamKind.Date)
            rows = rows.Where(row => string.CompareOrdinal(Text(row.At), query("since")) >= 0 && string.CompareOrdinal(Text(row.At), query("until")) <= 0);
        if (Kind == StreamKind.Count)
            rows = rows.Where(row => row.Id >= int.Parse(query("from"), CultureInfo.InvariantCulture));
        if (Kind == StreamKind.Feed)
            rows = rows.OrderByDescending(row => row.At);

        var all = rows.ToList();
        var size = Math.Min(PageSize, PageSizeMax);
        var from = Paging switch
        {
            StreamPaging.None => 0,
            StreamPaging.Page => Number(query("page")) * size,
            _ => Number(query("from_row")),
        };
        var page = Paging == StreamPaging.None ? all : all.Skip(from).Take(size).ToList();
        var next = Paging == StreamPaging.Token && from + size < all.Count ? $",\"next\":{from + size}" : "";
        var json = new StringBuilder("{\"items\":[");
        json.AppendJoin(',', page.Select(row => $$"""{"id":{{row.Id}},"updated_at":"{{Text(row.At)}}"}"""));

        return (200, json.Append(CultureInfo.InvariantCulture, $"]{next}}}").ToString());
    }

    private string Cursor => Kind switch
    {
        StreamKind.NoCursor => "",
        StreamKind.Count => """
            incremental_sync:
              type: IncrementingCountCursor
              cursor_field: id
              start_value: 0
              start_value_option: { type: RequestOption, inject_into: request_parameter, field_name: from }
            """,
        _ => $$"""
            incremental_sync:
              type: DatetimeBasedCursor
              cursor_field: updated_at
              datetime_format: "%Y-%m-%dT%H:%M:%SZ"
              start_datetime: "2024-01-01T00:00:00Z"
              start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
              end_time_option: { type: RequestOption, inject_into: request_parameter, field_name: until }
              global_substream_cursor: {{(IsGlobal && Partitions is not null ? "true" : "false")}}
            {{(Kind == StreamKind.Date && Step is not null ? $"  step: {Step}\n  cursor_granularity: PT1S" : "")}}
            {{(LookBack is null ? "" : $"  lookback_window: {LookBack}")}}
            {{(Kind == StreamKind.Feed ? "  is_data_feed: true" : "")}}
            {{(Kind == StreamKind.ClientSide ? "  is_client_side_incremental: true" : "")}}
            """,
    };

    private string Paginator => Paging switch
    {
        StreamPaging.None => "",
        StreamPaging.Page => $$"""
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: {{PageSize}} }
            """,
        StreamPaging.Offset => $$"""
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: from_row }
              pagination_strategy: { type: OffsetIncrement, page_size: {{PageSize}} }
            """,
        _ => """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: from_row }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
            """,
    };

    public override string ToString() =>
        $"{Kind} {Paging} global {IsGlobal} step {Step} look-back {LookBack} partitions {Partitions} page {PageSize}/{PageSizeMax} bytes {StateBytesMax} rows [{string.Join(' ', Rows)}] later [{string.Join(' ', Later)}]";

    private static Gen<T> Choice<T>(params T[] choices) => CsCheck.Gen.Int[0, choices.Length - 1].Select(at => choices[at]);

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int Number(string text) => text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);
}
