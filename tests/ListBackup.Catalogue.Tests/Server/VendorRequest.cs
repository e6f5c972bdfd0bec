using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ListBackup.Catalogue.Tests;

/// <summary>A request as a vendor's API sees it.</summary>
/// <param name="Host">The vendor's own host, for which the request was meant.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Headers">By name, in any case.</param>
public sealed record VendorRequest(string Method, string Host, string Path, string QueryString, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private readonly Dictionary<string, StringValues> _query = QueryHelpers.ParseQuery(QueryString);

    /// <summary>What the <c>{names}</c> of the route stand for, unescaped.</summary>
    public IReadOnlyDictionary<string, string> Route { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A parameter of the query, its first value; null when it is not given.</summary>
    public string? this[string name] => _query.TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>All values of a parameter that may come several times.</summary>
    public IReadOnlyList<string> All(string name) => _query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : [];

    public IEnumerable<string> QueryNames => _query.Keys;

    /// <summary>A whole number of the query.</summary>
    public int Number(string name, int otherwise) => int.TryParse(this[name], out var number) ? number : otherwise;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The token of <c>Authorization: Bearer</c>; null when there is none.</summary>
    public string? Bearer => Header("Authorization") is { } header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : null;

    public JsonObject Json => (Body.Length == 0 ? null : JsonNode.Parse(Body)) as JsonObject ?? [];

    public string? Form(string name) => QueryHelpers.ParseQuery(Body).TryGetValue(name, out var values) ? values[0] : null;

    public bool Writes => Method is not ("GET" or "HEAD");
}
