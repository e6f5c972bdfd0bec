using System.Buffers.Text;
using System.Text;
using ListBackup.Connections;
using ListBackup.Connectors.Manifest;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.Logging;

namespace ListBackup.Platforms;

/// <summary>The catalogue, by name: every platform that the product can back up, searched and filtered.</summary>
public sealed class ListPlatforms(ConnectorCatalogue catalogue, ILogger<ListPlatforms> log)
{
    public const int LimitMax = 200;
    private const int LimitDefault = 50;
    private const int SearchLengthMax = 100;

    public Page<PlatformSummary> Run(string? search, string? category, int? limit, string? cursor)
    {
        if (limit is < 1 or > LimitMax) throw Problem.Invalid("limit", $"limit has to be 1 to {LimitMax}.");
        if (search?.Length > SearchLengthMax) throw Problem.Invalid("search", $"search has at most {SearchLengthMax} characters.");
        var after = cursor is null ? null : Read(cursor);
        var found = catalogue.Platforms
            .Where(name => after is null || string.CompareOrdinal(name, after) > 0)
            .Select(Summary)
            .OfType<PlatformSummary>()
            .Where(platform => Matches(platform, search, category))
            .Take((limit ?? LimitDefault) + 1)
            .ToList();
        var page = found.Take(limit ?? LimitDefault).ToList();
        return new(page, found.Count > page.Count ? Write(page[^1].Id) : null);
    }

    private PlatformSummary? Summary(string platform)
    {
        try
        {
            if (catalogue.Find(platform) is not { } loaded) return null;
            var connector = loaded.Connector;
            return new(platform, connector.Info.Title ?? platform, connector.Info.Category, catalogue.IconPath(platform) is not null,
                loaded.Restore is not null, connector.OAuth is not null, connector.Streams.Count);
        }
        catch (ManifestException defect)
        {
            // One platform's defect must not hide the others; its own page says what is wrong.
            log.LogError("The connector of {Platform} cannot be used: {Reason}", platform, defect.Message);
            return null;
        }
    }

    private static bool Matches(PlatformSummary platform, string? search, string? category) =>
        (category is null || string.Equals(platform.Category, category, StringComparison.OrdinalIgnoreCase))
        && (string.IsNullOrWhiteSpace(search)
            || platform.Title.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase)
            || platform.Id.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase));

    private static string Write(string platform) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(platform));

    private static string Read(string cursor) => cursor.Length <= 200 && Base64Url.IsValid(cursor)
        ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor))
        : throw Problem.Malformed("The cursor is not one that this list gave.");
}
