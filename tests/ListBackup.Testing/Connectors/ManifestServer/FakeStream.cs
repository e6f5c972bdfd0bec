using System.Text.Json;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>One stream as the fake platform serves it.</summary>
internal sealed partial class FakeStream
{
    private readonly ExpressionContext _context;

    public FakeStream(Component stream, ExpressionContext context)
    {
        Stream = stream;
        _context = context;
        Retriever = stream.Child("retriever") ?? throw new CannotServeException("retriever", "The stream has no retriever.");
        if (Retriever.Type is not ("" or "SimpleRetriever" or "AsyncRetriever"))
            throw new CannotServeException("component", $"{Retriever.Type}");
        Requester = Retriever.Child(IsJob ? "download_requester" : "requester") ?? throw new CannotServeException("retriever", "The retriever has no requester.");
        Selector = Retriever.Child("record_selector") ?? throw new CannotServeException("retriever", "The retriever has no record selector.");
        if (Selector.Child("extractor")?.Child("record_expander") is { } expander)
        {
            Expansion = new FakeExpansion(
                [.. expander.Texts("expand_records_from_field").Select(part => expander.Template(part).EvaluateText(context) ?? "")],
                expander.Flag("remain_original_record"), expander.Text("on_no_records") == "emit_parent");
            if (Expansion.Path.Contains("*") || Condition is not null)
                throw new CannotServeException("component", "RecordExpander with a wildcard or a filter");
        }

        Paging = new FakePaging(Retriever.Child(IsJob ? "download_paginator" : "paginator"), context);
        Cursor = stream.Child("incremental_sync") is { } cursor ? new FakeCursor(cursor, context, ComputedFormat(cursor)) : null;
    }

    public Component Stream { get; }

    public string Name => Stream.Text("name") ?? "";

    public Component Retriever { get; }

    public Component Requester { get; }

    public Component Selector { get; }

    /// <summary>Makes several records of one row; null: a row is a record.</summary>
    public FakeExpansion? Expansion { get; }

    public FakePaging Paging { get; }

    /// <summary>What requests take out of the next page's token, where it is a map: <c>next_page_token.get('next_page_token', {}).get('offset')</c>.</summary>
    public IReadOnlyList<string> TokenMembers => field ??=
    [
        .. ((string[])["request_parameters", "request_body_json", "request_body_data"]).SelectMany(key => Texts(Requester.Plain(key)))
            .SelectMany(text => TokenMember().Matches(text)).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>A token as the manifest expects them.</summary>
    public Value Token(string text) => TokenMembers.Count == 0 ? Value.Of(text) : Value.Of(TokenMembers.Aggregate(new ValueMap(), (map, name) => map.Set(name, Value.Of(text))));

    public FakeCursor? Cursor { get; }

    public bool IsJob => Retriever.Type == "AsyncRetriever";

    public Component? Decoder => Retriever.Child(IsJob ? "download_decoder" : "decoder");

    public IReadOnlyList<Component> Routers => Retriever.Children("partition_router");

    public IReadOnlyList<Component> Transformations => Stream.Children("transformations");

    public string? Condition => Selector.Child("record_filter")?.Text("condition");

    public bool TransformsFirst => Selector.Flag("transform_before_filtering");

    /// <summary>Where the records stand in an answer.</summary>
    public IReadOnlyList<string> RecordsPath =>
        Selector.Child("extractor") is { } extractor
            ? [.. extractor.Texts("field_path").Select(part => extractor.Template(part).EvaluateText(_context) ?? "")]
            : [];

    public IReadOnlyList<IReadOnlyList<string>> PrimaryKey => Stream["primary_key"] switch
    {
        string { Length: > 0 } key => [[key]],
        List<object?> keys => [.. keys.Select(key => key is List<object?> path ? (IReadOnlyList<string>)[.. path.Select(Component.TextOf)] : [Component.TextOf(key)])],
        _ => [],
    };

    /// <summary>A time as the expression reads it, where it reads one in a form of its own.</summary>
    public static string? SampleTime(string expression) =>
        SourceFormat().Match(expression) is { Success: true } match ? Times.Format(new Moment(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), true), match.Groups[1].Value)
        : expression.Contains("format_datetime(record", StringComparison.Ordinal) ? "2026-03-04T05:06:07Z"
        : null;

    private static IEnumerable<string> Texts(object? node) => node switch
    {
        string text => [text],
        List<object?> list => list.SelectMany(Texts),
        Dictionary<string, object?> map => map.Values.SelectMany(Texts),
        _ => [],
    };

    private string? ComputedFormat(Component cursor)
    {
        var field = cursor.Template(cursor.Text("cursor_field") ?? "").EvaluateText(_context);
        var added = Transformations.SelectMany(transformation => transformation.Children("fields")).LastOrDefault(candidate => candidate.Texts("path") is [var only] && only == field);

        return added?["value"] is string value && SourceFormat().Match(value) is { Success: true } match ? match.Groups[1].Value : null;
    }

    [GeneratedRegex("""\.get\(\s*['"]next_page_token['"]\s*,\s*\{\s*\}\s*\)\.get\(\s*['"]([^'"]+)['"]""", RegexOptions.None, 1000)]
    private static partial Regex TokenMember();

    [GeneratedRegex("""format_datetime\([^,]+,\s*['"][^'"]+['"],\s*['"]([^'"]+)['"]""", RegexOptions.None, 1000)]
    private static partial Regex SourceFormat();
}

/// <summary>Rows that hold a list of which each item is a record.</summary>
/// <param name="KeepsOriginal">Each record has the row that it came from.</param>
/// <param name="KeepsEmpty">A row without items is a record itself.</param>
internal sealed record FakeExpansion(IReadOnlyList<string> Path, bool KeepsOriginal, bool KeepsEmpty)
{
    public const string Original = "original_record";

    /// <summary>The records of a row, as they stand in it.</summary>
    public IReadOnlyList<string> Items(string row)
    {
        using var document = JsonDocument.Parse(row);
        var list = document.RootElement;
        foreach (var part in Path)
        {
            if (!list.TryGetProperty(part, out list))
                return [];
        }

        string[] items = [.. list.EnumerateArray().Select(item => item.GetRawText())];

        return items.Length == 0 && KeepsEmpty ? [row] : items;
    }
}

/// <summary>A stream that this fake does not know how to serve.</summary>
/// <param name="category">One word for the table of exceptions.</param>
internal sealed class CannotServeException(string category, string why) : Exception(why)
{
    public string Category => category;
}
