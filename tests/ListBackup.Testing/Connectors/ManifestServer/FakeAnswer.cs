using System.Globalization;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>
/// Makes the answer to a page: its records where the manifest looks for them and, around them, values under which the manifest's own expressions for
/// the next page and the end come out as they should.
/// </summary>
internal sealed partial class FakeAnswer
{
    /// <summary>The parameter that tells pages apart in links.</summary>
    public const string LinkParameter = "fake_page";

    private const int TriesMax = 20_000;

    private static readonly Candidate[] More =
        [Candidate.Text, Candidate.Link, Candidate.Shaped, Candidate.Page, Candidate.NextPage, Candidate.True, Candidate.False, Candidate.Null, Candidate.Absent];

    private static readonly Candidate[] Last =
        [Candidate.Absent, Candidate.Null, Candidate.False, Candidate.True, Candidate.Empty, Candidate.NullText, Candidate.EmptyMap, Candidate.Page, Candidate.Zero, Candidate.Text];

    private readonly FakeStream _stream;
    private readonly IReadOnlyList<(bool IsHeader, IReadOnlyList<string> Path)> _chains;
    private readonly string _sources;
    private Candidate[]? _moreFound;
    private Candidate[]? _lastFound;
    private FakeNumber? _total;
    private int _serial;

    public FakeAnswer(FakeStream stream)
    {
        _stream = stream;
        var strategy = stream.Paging.Strategy;
        _sources = stream.Paging.IsByAnswer ? Named(strategy!, $"{strategy!.Text("cursor_value")} ### {strategy.Text("stop_condition")}") : "";
        _chains =
        [
            .. Chains.Of(_sources, "response", "decoded_response").Select(chain => (false, chain)),
            .. Chains.Of(_sources, "headers").Select(chain => (true, chain)),
        ];
    }

    /// <summary>Parameters that name a member are written out, so that the way to it can be read.</summary>
    private static string Named(Component strategy, string source) =>
        Parameter().Replace(source, match => strategy.Template($"{{{{ {match.Value[1..^1]} }}}}").EvaluateText(new ExpressionContext(TimeProvider.System)) is { } name ? $"['{name}']" : match.Value);

    /// <param name="records">The page's records.</param>
    /// <param name="last">What the manifest makes of the last of them; nothing for an empty page.</param>
    /// <param name="total">How many rows the page tells that there are; null when it tells nothing.</param>
    /// <param name="link">The request's own address, on which links to other pages are built.</param>
    public ServedPage Make(IReadOnlyList<HeldRecord> records, Value last, bool hasMore, FakeNumber? total, ExpressionContext context, string link, Func<Value, bool> isTaken)
    {
        _total = total;
        if (!_stream.Paging.IsByAnswer)
            return new ServedPage(Counted(Body(records)).ToString(), null, Value.None, null);

        context = context.With(Variable.LastPageSize, Value.Of(records.Count)).Set(Variable.LastRecord, last.IsNothing ? Value.Of(new ValueMap()) : last);
        if (hasMore && Search(records, context, link, isTaken, wantsMore: true, ref _moreFound) is { } more)
            return more;
        if (!hasMore && Search(records, context, link, isTaken, wantsMore: false, ref _lastFound) is { } end)
            return end;

        // A manifest that goes on until a page is empty gives no way to say that a full page is the last.
        if (!hasMore && records.Count > 0 && Search(records, context, link, isTaken, wantsMore: true, ref _moreFound) is { } further)
            return further;

        throw new CannotServeException("pagination", $"No answer makes {_sources} {(hasMore ? "go on" : "end")}.");
    }

    /// <summary>True where records and paging share one object, so that a page is one record.</summary>
    public bool IsOneByOne => _stream.Paging.IsByAnswer && !_stream.RecordsPath.Contains("*")
        && _chains.Any(chain => !chain.IsHeader && chain.Path.Count > _stream.RecordsPath.Count && chain.Path.Take(_stream.RecordsPath.Count).SequenceEqual(_stream.RecordsPath));

    private FakeBody Body(IReadOnlyList<HeldRecord> records) =>
        IsOneByOne ? records.Count == 0 ? new FakeBody() : new FakeBody(_stream.RecordsPath, records[0].Json) : new FakeBody(_stream.RecordsPath, [.. records.Select(record => record.Json)]);

    /// <summary>With the total, where the page has room for it.</summary>
    private FakeBody Counted(FakeBody body)
    {
        if (_total is { } total && body.CanSet(total.Path))
            body.Set(total.Path, total.Number.ToString(CultureInfo.InvariantCulture));

        return body;
    }

    private ServedPage? Search(
        IReadOnlyList<HeldRecord> records, ExpressionContext context, string link, Func<Value, bool> isTaken, bool wantsMore, ref Candidate[]? found)
    {
        var serial = ++_serial;
        if (found is not null && Try(found, serial, records, context, link, isTaken, wantsMore) is { } again)
            return again;

        var candidates = !wantsMore ? Last : _stream.TokenMembers.Count > 0 ? [Candidate.Members, .. More] : SearchedPattern().IsMatch(_sources) ? [Candidate.Shaped, .. More] : More;
        var indices = new int[_chains.Count];
        for (var count = 0; count < TriesMax; count++)
        {
            var choice = indices.Select(index => candidates[index]).ToArray();
            if (Try(choice, serial, records, context, link, isTaken, wantsMore) is { } answer)
            {
                found = choice;
                return answer;
            }

            var at = 0;
            while (at < indices.Length && ++indices[at] == candidates.Length)
                indices[at++] = 0;
            if (at == indices.Length)
                break;
        }

        return null;
    }

    private ServedPage? Try(
        Candidate[] choice, int serial, IReadOnlyList<HeldRecord> records, ExpressionContext context, string link, Func<Value, bool> isTaken, bool wantsMore)
    {
        var body = Body(records);
        string? linkHeader = null;
        var headers = new ValueMap();
        for (var at = 0; at < _chains.Count; at++)
        {
            var (isHeader, path) = _chains[at];
            if (choice[at] == Candidate.Absent)
                continue;
            var json = Json(choice[at], serial, link);
            if (!isHeader)
            {
                if (!body.CanSet(path))
                    return null;
                body.Set(path, json);
            }
            else if (path[0].Equals("link", StringComparison.OrdinalIgnoreCase))
            {
                if (choice[at] is not (Candidate.Link or Candidate.Shaped))
                    return null;
                var url = ValueJson.Parse(json).Text;
                linkHeader = $"<{url}>; rel=\"next\"";
                var parsed = Value.Of(new ValueMap().Set("next", Value.Of(new ValueMap().Set("url", Value.Of(url)).Set("rel", Value.Of("next")))));
                headers.Set("Link", Value.Of(linkHeader)).Set("link", parsed);
            }
            else
            {
                if (choice[at] is Candidate.Null or Candidate.EmptyMap)
                    return null;
                headers.Set(path[0], Value.Of(PythonText.Str(ValueJson.Parse(json))));
            }
        }

        var text = Counted(body).ToString();
        var response = ValueJson.Parse(text);
        if (response.Kind == ValueKind.List)
            response = response.List.Count > 0 ? response.List[0] : Value.Of(new ValueMap());
        var evaluation = context.With(Variable.Response, response).Set(Variable.Headers, Value.Of(headers));
        try
        {
            var strategy = _stream.Paging.Strategy!;
            var stops = strategy.Text("stop_condition") is { Length: > 0 } stop && strategy.Template(stop).EvaluateCondition(evaluation);
            var token = stops ? Value.None : strategy.Template(strategy.Text("cursor_value") ?? "").Evaluate(evaluation);
            if (!token.IsTrue)
                token = Value.None;
            if (wantsMore ? token.IsNone || !Leads(token) || isTaken(token) : !token.IsNone)
                return null;

            return new ServedPage(text, IsOneByOne && records.Count > 0 ? body.At(_stream.RecordsPath) : null, token, linkHeader) { Headers = headers };
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    /// <summary>A link must lead somewhere.</summary>
    private bool Leads(Value token) => !_stream.Paging.TokenIsPath || (token.IsText && token.Text.Contains(LinkParameter, StringComparison.Ordinal));

    private string Json(Candidate candidate, int serial, string link) => candidate switch
    {
        Candidate.Text => $"\"token-{serial}\"",
        Candidate.Members => ValueJson.ToText(_stream.Token($"token-{serial}")),
        Candidate.Link => $"\"{Linked(link, serial)}\"",
        Candidate.Shaped => $"\"{Linked(link.Replace("?", $"?{Shape(serial)}&", StringComparison.Ordinal), serial)}\"",
        Candidate.Page => serial.ToString(CultureInfo.InvariantCulture),
        Candidate.NextPage => (serial + 1).ToString(CultureInfo.InvariantCulture),
        Candidate.True => "true",
        Candidate.False => "false",
        Candidate.Empty => "\"\"",
        Candidate.NullText => "\"null\"",
        Candidate.EmptyMap => "{}",
        Candidate.Zero => "0",
        _ => "null",
    };

    private static string Linked(string link, int serial)
    {
        var bare = PageParameter().Replace(link, "");

        return $"{bare}{(bare.Contains('?') ? "&" : "?")}{LinkParameter}={serial}";
    }

    /// <summary>A text that the manifest's regular expression finds something in.</summary>
    private string Shape(int serial)
    {
        var pattern = SearchedPattern().Match(_sources) is { Success: true } match ? match.Groups[1].Value.Replace("\\\\", "\\", StringComparison.Ordinal) : "";
        // What is escaped stands for itself; what is not, for a place.
        pattern = pattern.TrimStart('^').Replace("\\$", "\0", StringComparison.Ordinal).TrimEnd('$').Replace('\0', '$');
        pattern = CharacterClass().Replace(pattern, match => match.Groups[1].Value);
        var filled = Group().Replace(pattern, group => group.Value.Contains("\\d", StringComparison.Ordinal) || group.Value.Contains("[0-9]", StringComparison.Ordinal) ? $"{serial}" : $"token{serial}");

        return filled.Replace("\\", "", StringComparison.Ordinal);
    }

    [GeneratedRegex("[?&]fake_page=[^&]*", RegexOptions.None, 1000)]
    private static partial Regex PageParameter();

    [GeneratedRegex("""regex_search['"]?[,(]\s*['"](.+?)['"]\s*\)""", RegexOptions.None, 1000)]
    private static partial Regex SearchedPattern();

    [GeneratedRegex(@"\([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex Group();

    /// <summary>A class outside of a group; its first sign stands for it.</summary>
    [GeneratedRegex(@"(?<!\()\[([^\]^])[^\]]*\](?![+*])", RegexOptions.None, 1000)]
    private static partial Regex CharacterClass();

    [GeneratedRegex("""\[\s*parameters\[\s*['"]\w+['"]\s*\]\s*\]""", RegexOptions.None, 1000)]
    private static partial Regex Parameter();

    private enum Candidate
    {
        Absent,
        Text,
        Link,
        Shaped,
        Page,
        NextPage,
        True,
        False,
        Null,
        Empty,
        NullText,
        EmptyMap,
        Members,
        Zero,
    }
}

/// <summary>A number that stands somewhere in an answer.</summary>
internal sealed record FakeNumber(IReadOnlyList<string> Path, long Number);

/// <param name="Body">The answer's JSON.</param>
/// <param name="Merged">The one record of a page whose object also holds the paging.</param>
/// <param name="Token">By which the manifest will ask for the next page; none at the end, and where pages are counted.</param>
internal sealed record ServedPage(string Body, string? Merged, Value Token, string? Link)
{
    public ValueMap Headers { get; init; } = new();
}
