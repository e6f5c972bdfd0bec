using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Finds fields that came, went or have other types since the snapshot before, from what the vault observed.</summary>
public static class SchemaDrifts
{
    /// <summary>More are not kept on a run; the endpoint has them all.</summary>
    public const int FieldsMax = 100;

    /// <summary>A rare field is often not among a few changed records. It went when so many of them should have had it and none did.</summary>
    private const double ExpectedMin = 10;

    public static async Task<IReadOnlyList<FieldDriftEvent>> FindAsync(BackupVault vault, Snapshot? before, Snapshot after, CancellationToken cancellation)
    {
        if (before is null) return [];
        var found = new List<FieldDriftEvent>();
        foreach (var stream in after.Streams.Where(s => s.ReadSeq == after.Seq && s.Added + s.Changed > 0 && before.Streams.Any(b => b.Stream == s.Stream)))
        {
            var drift = await vault.DriftAsync(after.Source, stream.Stream, before.Seq, after.Seq, DriftBasis.Observed, cancellation);
            found.AddRange(drift.Fields.Select(f => EventOf(stream.Stream, f, drift.RecordsAfter)).OfType<FieldDriftEvent>());
        }
        return [.. found.Take(FieldsMax)];
    }

    public static string Describe(IReadOnlyList<FieldDriftEvent> drift)
    {
        var lines = drift.Take(20).Select(d => d.Change switch
        {
            FieldChange.Appeared => $"{d.Stream}: {d.Path} is new ({string.Join(", ", d.TypesAfter)}).",
            FieldChange.Vanished => $"{d.Stream}: {d.Path} is in none of the records that arrived.",
            _ => $"{d.Stream}: {d.Path} was {string.Join(", ", d.TypesBefore)} and now is {string.Join(", ", d.TypesAfter)} as well.",
        });
        return string.Join("\n", drift.Count > 20 ? lines.Append($"And {drift.Count - 20} more.") : lines);
    }

    private static FieldDriftEvent? EventOf(string stream, FieldDrift field, long records) => field.Change switch
    {
        FieldChange.Appeared => new(stream, field.Path, field.Change, [], field.TypesAfter),
        FieldChange.Vanished => field.FillBefore * records >= ExpectedMin ? new(stream, field.Path, field.Change, field.TypesBefore, []) : null,
        // Fewer types among a few records say nothing; one that was never seen does.
        FieldChange.TypeChanged => field.TypesAfter.Except(field.TypesBefore, StringComparer.Ordinal).ToList() is { Count: > 0 } types ? new(stream, field.Path, field.Change, field.TypesBefore, types) : null,
        _ => null, // How many records have a field is judged with the anomalies, by the stream's own past.
    };
}

/// <summary>A field that is not what it was in the snapshot before.</summary>
/// <param name="Stream">Of which stream.</param>
/// <param name="Path">JSON Pointer; elements of arrays under <c>*</c>.</param>
/// <param name="Change">appeared, vanished or typeChanged.</param>
/// <param name="TypesBefore">JSON types that it had; empty when it is new.</param>
/// <param name="TypesAfter">Types that are new; empty when it vanished.</param>
public sealed record FieldDriftEvent(string Stream, string Path, FieldChange Change, IReadOnlyList<string> TypesBefore, IReadOnlyList<string> TypesAfter);
