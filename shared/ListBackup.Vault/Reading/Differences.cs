using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>
/// How a stream differs between two snapshots of a source. Only sections that hold versions of the time between are looked through for
/// keys; groups without any are not read at all.
/// </summary>
internal sealed class Differences(VaultCore core, string source, string stream)
{
    public async IAsyncEnumerable<RecordDifference> ReadAsync(long fromSeq, long toSeq, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (fromSeq > toSeq) throw new ArgumentException($"Snapshot {fromSeq} is not before {toSeq}.", nameof(fromSeq));
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var before = fromSeq == 0 ? null : view.Find((await view.GetManifestAsync(core, fromSeq, cancellation)).Manifest, stream);
        var after = view.Get((await view.GetManifestAsync(core, toSeq, cancellation)).Manifest, stream);
        if (before?.State.Root == after.State.Root && before.State.VolatileFields.SequenceEqual(after.State.VolatileFields, StringComparer.Ordinal)) yield break;

        var newSections = after.Sections.Where(section => section.To > fromSeq).ToList();
        var newReader = await GroupReader.OpenAsync(core, newSections, toSeq, cancellation);
        var oldReader = await GroupReader.OpenAsync(core, before?.Sections ?? [], fromSeq, cancellation);
        GroupReader.Align(newReader, oldReader);
        await using var old = oldReader.ReadStoredAsync(0, newReader.Groups().Contains, cancellation).GetAsyncEnumerator(cancellation);
        var hasOld = await old.MoveNextAsync();
        await foreach (var group in newReader.ReadAsync(0, cancellation))
        {
            while (hasOld && old.Current.Group < group.Group) hasOld = await old.MoveNextAsync();
            var touched = Touched(group, fromSeq);
            // Nearly all of what the earlier snapshot has in a group is none of our business: it is not even parsed.
            var oldVersions = hasOld && old.Current.Group == group.Group && touched.Count > 0 ? old.Current.Open(new WantedKeys(touched.Keys)).Newest() : [];
            foreach (var (key, version) in touched)
            {
                if (Compare(key, oldVersions.TryGetValue(key, out var found) ? SnapshotReader.RecordOf(found) : null, SnapshotReader.RecordOf(version)) is { } difference)
                    yield return difference;
            }
        }
    }

    public async Task<DifferenceSummary> SummarizeAsync(long fromSeq, long toSeq, CancellationToken cancellation)
    {
        var (added, changed, deleted) = (0L, 0L, 0L);
        var fields = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await foreach (var difference in ReadAsync(fromSeq, toSeq, cancellation))
        {
            if (difference.Kind == DifferenceKind.Added) added++;
            else if (difference.Kind == DifferenceKind.Deleted) deleted++;
            else changed++;
            foreach (var field in difference.ChangedFields) fields[field] = fields.GetValueOrDefault(field) + 1;
        }

        return new DifferenceSummary(added, changed, deleted, fields);
    }

    private static Dictionary<string, StoredVersion> Touched(GroupVersions group, long fromSeq)
    {
        var touched = new Dictionary<string, StoredVersion>(StringComparer.Ordinal);
        foreach (var version in group.OldestFirst().Where(version => version.Seq > fromSeq)) touched[version.Line.Key] = version;
        return touched;
    }

    private static RecordDifference? Compare(string key, Record? before, Record? after)
    {
        if (before is null && after is null) return null;
        if (before is null) return new RecordDifference(key, DifferenceKind.Added, null, after, []);
        if (after is null) return new RecordDifference(key, DifferenceKind.Deleted, before, null, []);
        if (before.Json.Span.SequenceEqual(after.Json.Span)) return null;
        var fields = ChangedFields(before.Json, after.Json);
        return fields.Count == 0 ? null : new RecordDifference(key, DifferenceKind.Changed, before, after, fields);
    }

    /// <summary>Top-level members whose canonical texts differ.</summary>
    private static List<string> ChangedFields(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var (left, right) = (MembersOf(before), MembersOf(after));
        var names = left.Keys.Union(right.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return [.. names.Where(name => left.GetValueOrDefault(name) != right.GetValueOrDefault(name)).Select(name => $"/{JsonPointer.Escape(name)}")];
    }

    private static Dictionary<string, string> MembersOf(ReadOnlyMemory<byte> json)
    {
        // In canonical form equal values are equal texts, whatever order and spelling the platform chose this time.
        using var document = JsonDocument.Parse(CanonicalJson.Of(json.Span), new JsonDocumentOptions { MaxDepth = RecordLimits.DepthMax + 2 });
        // A name with a lone surrogate is no .NET string; its canonical spelling is as unique.
        return document.RootElement.EnumerateObject().ToDictionary(NameOf, member => member.Value.GetRawText(), StringComparer.Ordinal);
    }

    private static string NameOf(JsonProperty member)
    {
        var raw = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member));
        return raw.Contains('\\') && !raw.Contains("\\ud") ? member.Name : raw;
    }
}
