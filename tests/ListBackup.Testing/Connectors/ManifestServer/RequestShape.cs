namespace ListBackup.Testing.Manifests;

/// <summary>A request that the manifest asks for, in all its parts.</summary>
internal sealed class RequestShape
{
    public required string Method { get; init; }

    public required string Host { get; init; }

    public required TextPattern Path { get; init; }

    public List<(string Name, TextPattern Value)> Query { get; } = [];

    /// <summary>Parameters of a link that the platform gave; the client may leave out its own where the link has them already.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> LinkQuery { get; init; } = [];

    public List<(string Name, TextPattern Value)> Headers { get; } = [];

    /// <summary>Members of a form or of a JSON body by their way.</summary>
    public List<(string Name, TextPattern Value)> Fields { get; } = [];

    public bool IsForm { get; set; }

    public TextPattern? Text { get; set; }

    /// <summary>True when the interval stands in something that is only sent for some intervals.</summary>
    public bool MayLackInterval => Query.Exists(pair => pair.Value.MayBeAbsent) || Fields.Exists(pair => pair.Value.MayBeAbsent);

    /// <summary>What the request tells of its interval, or null and why it is another request.</summary>
    /// <param name="owned">Members of the request that belong to its authentication.</param>
    public IReadOnlyList<Capture>? Match(IncomingRequest request, IReadOnlySet<string> owned, out string? difference)
    {
        var captures = new List<Capture>();
        difference =
            request.Method != Method ? $"{request.Method} instead of {Method}"
            : !string.Equals(request.Host, Host, StringComparison.OrdinalIgnoreCase) ? $"host {request.Host} instead of {Host}"
            : !Path.Matches(request.Path, captures) ? $"path {request.Path} instead of {Path}"
            : QueryDifference(request, owned, captures) ?? HeaderDifference(request, captures) ?? BodyDifference(request, owned, captures);

        return difference is null ? captures : null;
    }

    private string? QueryDifference(IncomingRequest request, IReadOnlySet<string> owned, List<Capture> captures)
    {
        var rest = request.Query.Where(pair => !owned.Contains($"query:{pair.Key}")).ToList();
        foreach (var pair in LinkQuery)
        {
            // The link's own parameters come back as they were given.
            if (rest.FindIndex(candidate => candidate.Key == pair.Key && candidate.Value == pair.Value) < 0 && !owned.Contains($"query:{pair.Key}"))
                return $"parameter {pair.Key} of the link is missing";
        }

        var isLink = LinkQuery.Count > 0;
        if (Missing(rest, Query, "parameter", captures, taken: !isLink) is { } missing)
            return missing;
        if (isLink)
        {
            rest.RemoveAll(pair => Query.Any(wanted => wanted.Name == pair.Key && wanted.Value.Matches(pair.Value, [])));
            foreach (var pair in LinkQuery)
                rest.RemoveAll(candidate => candidate.Key == pair.Key && candidate.Value == pair.Value);
        }

        return rest.Count > 0 ? $"parameter {rest[0].Key}={rest[0].Value} is not asked for" : null;
    }

    private string? HeaderDifference(IncomingRequest request, List<Capture> captures)
    {
        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryGetValue(name, out var actual))
                return $"header {name} is missing";

            // The client may take more encodings than the manifest asks for.
            if (!value.Matches(actual, captures) && !name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase))
                return $"header {name} is {actual} instead of {value}";
        }

        return null;
    }

    private string? BodyDifference(IncomingRequest request, IReadOnlySet<string> owned, List<Capture> captures)
    {
        if (Text is not null)
            return Text.Matches(request.Body, captures) ? null : $"body {request.Body} instead of {Text}";
        if (Fields.Count > 0 && request.IsForm != IsForm)
            return request.IsForm ? "the body is a form instead of JSON" : "the body is no form";
        var rest = request.Fields.Where(field => !owned.Contains($"field:{field.Key}")).ToList();
        if (Missing(rest, Fields, "field", captures, taken: true) is { } missing)
            return missing;

        // A member that evaluates to nothing may come as null or not at all.
        rest.RemoveAll(field => field.Value is "null" or "{}");

        return rest.Count > 0 ? $"field {rest[0].Key}={rest[0].Value} is not asked for" : null;
    }

    private static string? Missing(
        List<KeyValuePair<string, string>> actual, List<(string Name, TextPattern Value)> expected, string kind, List<Capture> captures, bool taken)
    {
        foreach (var (name, value) in expected)
        {
            var at = actual.FindIndex(pair => pair.Key == name && value.Matches(pair.Value, []));
            if (at < 0 && value.MayBeAbsent && !actual.Exists(pair => pair.Key == name))
                continue;
            if (at < 0)
                return actual.Find(pair => pair.Key == name) is { Key: not null } other ? $"{kind} {name} is {other.Value} instead of {value}" : $"{kind} {name}={value} is missing";
            value.Matches(actual[at].Value, captures);
            if (taken)
                actual.RemoveAt(at);
        }

        return null;
    }
}
