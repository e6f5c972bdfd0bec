using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>Recognises requests by what is in them. What is not named may be anything.</summary>
internal sealed record RequestMatcher(
    string? Method, string? UrlBase, string? PathPattern, IReadOnlyList<KeyValuePair<string, string>> Query, IReadOnlyList<KeyValuePair<string, string>> Headers, Template? Weight)
{
    public static RequestMatcher Parse(ComponentReader reader) => reader.Done(new RequestMatcher(
        reader.TextOrNull("method"),
        reader.TextOrNull("url_base"),
        reader.PatternOrNull("url_path_pattern"),
        Pairs(reader, "params"),
        Pairs(reader, "headers"),
        reader.TemplateOrNull("weight")));

    public bool Matches(RequestParts request, Uri url) =>
        (Method is null || string.Equals(Method, request.Method.Method, StringComparison.OrdinalIgnoreCase))
        && (UrlBase is null || string.Equals(url.GetLeftPart(UriPartial.Authority), UrlBase.TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
        && (PathPattern is null || Patterns.Search(PathPattern, url.AbsolutePath).Success)
        && (Query.Count == 0 || HasQuery(url))
        && Headers.All(pair => request.Headers.TryGetValue(pair.Key, out var value) && value == pair.Value);

    /// <summary>How many calls such a request counts as; at least one.</summary>
    public int WeightOf(ExpressionContext context) =>
        Weight?.Evaluate(context) is { IsSmallInteger: true } weight ? (int)Math.Clamp(weight.Long, 1, int.MaxValue) : 1;

    private bool HasQuery(Uri url)
    {
        var sent = url.Query.TrimStart('?').Split('&').Select(pair => Uri.UnescapeDataString(pair.Replace('+', ' '))).ToHashSet(StringComparer.Ordinal);

        return Query.All(pair => sent.Contains($"{pair.Key}={pair.Value}"));
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Pairs(ComponentReader reader, string key) => reader.Raw(key) switch
    {
        { IsNothing: true } => [],
        { Kind: ValueKind.Map } map => [.. map.Map.Select(member => new KeyValuePair<string, string>(member.Key, PythonText.Str(member.Value)))],
        _ => throw reader.Problem(key, "A map is wanted."),
    };
}
