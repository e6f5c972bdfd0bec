using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Conditions on records as the API spells them: <c>/field:comparison:value</c>, such as <c>/status:equals:subscribed</c>. The value may contain colons.</summary>
public static class RecordFilters
{
    private const int FiltersMax = 10;

    public static IReadOnlyList<FieldFilter> Parse(IReadOnlyList<string> filters)
    {
        if (filters.Count > FiltersMax) throw Problem.Invalid("filter", $"At most {FiltersMax} filters.");
        return [.. filters.Select(FilterOf)];
    }

    private static FieldFilter FilterOf(string text)
    {
        var parts = text.Split(':', 3);
        if (parts.Length < 2 || !FieldExclusion.IsPointer(parts[0]) || !Enum.TryParse<FieldComparison>(parts[1], ignoreCase: true, out var comparison) || !char.IsLetter(parts[1][0]))
            throw Problem.Invalid("filter", "Write /field:comparison:value with equals, notEquals, contains, startsWith, greaterThan, lessThan or exists.");
        return new(parts[0], comparison, parts.Length > 2 ? parts[2] : "");
    }
}
