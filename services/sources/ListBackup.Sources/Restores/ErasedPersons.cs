using System.Globalization;
using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Says which records a restore must not bring back, since their persons were erased on request: by the record's key, and by the addresses in it, under which
/// somebody may stand in other streams and sources than the request named.
/// </summary>
public sealed class ErasedPersons(ErasedRecords erased, string source)
{
    /// <summary>Why a record must stay away; null when nothing speaks against it.</summary>
    /// <param name="info">Its stream.</param>
    /// <param name="key">Its key.</param>
    /// <param name="json">Its content; null when the snapshot does not have it.</param>
    public string? WhyNot(RestoreStreamInfo info, string key, ReadOnlyMemory<byte>? json)
    {
        var erasure = erased.Find(source, info.Name, key) ?? erased.FindIdentifier(key) ?? (json is { } content ? FindAddress(info, content) : null);
        return erasure is null ? null : string.Create(CultureInfo.InvariantCulture, $"It was erased on {erasure.Time.UtcDateTime:yyyy-MM-dd} by request and must not come back.");
    }

    private Erasure? FindAddress(RestoreStreamInfo info, ReadOnlyMemory<byte> json)
    {
        // What the platform tells persons apart by besides ids, mostly an e-mail address.
        var addresses = info.NeverWeaken.Select(rule => rule.Address).OfType<FieldPath>()
            .Concat(info.Match.Where(rule => rule.By == MatchKind.NaturalKey).SelectMany(rule => rule.Fields)).Distinct().ToList();
        if (addresses.Count == 0) return null;
        using var document = JsonDocument.Parse(json);
        return addresses.Select(path => RecordFields.Text(document.RootElement, path)).OfType<string>().Select(erased.FindIdentifier).FirstOrDefault(erasure => erasure is not null);
    }
}
