using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>Compares the fields of a stream's records in two snapshots.</summary>
internal sealed class Drift(VaultCore core, string source, string stream)
{
    /// <summary>A smaller change of how many records have a field is everyday life.</summary>
    private const double FillChangeMin = 0.1;

    /// <summary>Of fewer versions since the earlier snapshot, how often a field is there says nothing.</summary>
    private const long ObservedMin = 20;

    public async Task<SchemaDrift> CompareAsync(long fromSeq, long toSeq, DriftBasis basis, CancellationToken cancellation)
    {
        if (fromSeq > toSeq) throw new ArgumentException($"Snapshot {fromSeq} is not before {toSeq}.", nameof(fromSeq));
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var before = view.Get((await view.GetManifestAsync(core, fromSeq, cancellation)).Manifest, stream);
        var after = view.Get((await view.GetManifestAsync(core, toSeq, cancellation)).Manifest, stream);
        return basis == DriftBasis.Observed
            ? Compare(basis, before.State.Schema, Since(before.State.Schema, after.State.Schema), ObservedMin)
            : Compare(basis, await SchemaOfAsync(before, cancellation), await SchemaOfAsync(after, cancellation), minimum: 1);
    }

    /// <summary>Manifests add up: what came between two is their difference.</summary>
    private static ObservedSchema Since(ObservedSchema before, ObservedSchema after)
    {
        var earlier = before.Fields.ToDictionary(field => field.Path, StringComparer.Ordinal);
        var fields = after.Fields.Select(field => field with { Count = field.Count - (earlier.GetValueOrDefault(field.Path)?.Count ?? 0) });
        return new ObservedSchema(after.Records - before.Records, [.. fields.Where(field => field.Count > 0)], after.IsTruncated);
    }

    private async Task<ObservedSchema> SchemaOfAsync(StreamView view, CancellationToken cancellation)
    {
        var (tree, scanner) = (new SchemaTree(), new RecordScanner(FieldPaths.Parse([], []), []));
        var reader = await GroupReader.OpenAsync(core, view, cancellation);
        await foreach (var group in reader.ReadAsync(0, cancellation))
        {
            foreach (var version in group.Newest().Values)
            {
                if (SnapshotReader.RecordOf(version) is { } record) scanner.Scan(record.Json.Span, tree);
            }
        }

        return tree.ToSchema(view.Seq);
    }

    private static SchemaDrift Compare(DriftBasis basis, ObservedSchema before, ObservedSchema after, long minimum)
    {
        var (left, right) = (ByPath(before), ByPath(after));
        var fields = new List<FieldDrift>();
        foreach (var path in left.Keys.Union(right.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (Compare(path, (left.GetValueOrDefault(path), before.Records), (right.GetValueOrDefault(path), after.Records), minimum) is { } drift) fields.Add(drift);
        }

        return new SchemaDrift(basis, before.Records, after.Records, fields, before.IsTruncated || after.IsTruncated);
    }

    private static FieldDrift? Compare(string path, (ObservedField? Field, long Records) before, (ObservedField? Field, long Records) after, long minimum)
    {
        var (fillBefore, fillAfter) = (FillOf(before), FillOf(after));
        var drift = new FieldDrift(path, FieldChange.Appeared, before.Field?.Types ?? [], after.Field?.Types ?? [], fillBefore, fillAfter);
        if (before.Field is null) return before.Records > 0 && after.Records > 0 ? drift : null;
        if (after.Field is null) return after.Records >= minimum ? drift with { Change = FieldChange.Vanished } : null;
        if (!before.Field.Types.SequenceEqual(after.Field.Types, StringComparer.Ordinal)) return drift with { Change = FieldChange.TypeChanged };
        return after.Records >= minimum && Math.Abs(fillAfter - fillBefore) >= FillChangeMin ? drift with { Change = FieldChange.FillChanged } : null;
    }

    private static double FillOf((ObservedField? Field, long Records) side) => side.Field is null || side.Records == 0 ? 0 : (double)side.Field.Count / side.Records;

    private static Dictionary<string, ObservedField> ByPath(ObservedSchema schema) => schema.Fields.ToDictionary(field => field.Path, StringComparer.Ordinal);
}
